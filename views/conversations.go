package views

import (
	"context"
	"slices"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/message"
	"sotto/views/onboarding"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/task"
	"sotto/views/theme"
)

// conversations is the screen of an open account: sidebar, messages, composer.
type conversations struct {
	w       *Window
	account account.Account
	object  fyne.CanvasObject

	sidebar  *sidebar.Sidebar
	bar      *backupBar
	header   *header
	list     *message.List
	composer *message.Composer
	panes    *fyne.Container
	pane     *fyne.Container // header, list and composer of the open chat, or what stands in their place
	chatPane fyne.CanvasObject
	progress *progressLine
	topped   *fyne.Container // the pane under the progress line
	say      *part.Complaint
	waiting  *widget.Label // what waits for the network
	foot     *foot
	people   *people
	groups   *grouping
	devices  *deviceDesk
	catchup  *catchup
	narrow   bool

	chats    *task.Latest[[]chats.Chat]
	network  *task.Latest[networkNow]
	loaded   bool
	failed   error // why the list could not be loaded last time
	all      []chats.Chat
	drafts   map[string]string      // by chat: as they were written last, which all may not know yet
	unsent   map[string][]unsent    // by chat: what was refused, until the composer has it back
	open     string                 // id of the open chat, "" without one
	openID   atomic.Pointer[string] // the same for those who load, off the UI goroutine
	chat     chats.Chat             // that chat, as it is known
	listed   bool                   // it was in a list since it was opened: when it is in none any more, it was left
	gone     bool                   // it is in no list any more, and stays all the same
	listing  bool                   // the requests are shown in the place of a chat
	status   network.Status
	degraded []network.Degraded
	details  *networkSheet // nil while closed
}

// networkNow is what the indicator and its details show.
type networkNow struct {
	status   network.Status
	degraded []network.Degraded
}

func newConversations(w *Window, a account.Account) *conversations {
	c := &conversations{w: w, account: a, say: part.NewComplaint(), waiting: part.Quiet(""), drafts: map[string]string{}, unsent: map[string][]unsent{}}
	c.sidebar = sidebar.New(sidebar.Options{
		Now: w.opt.Now, Open: c.openChat, New: c.openNew, Account: c.accountMenu, Network: c.openNetwork,
		Shortcut: w.shortcut, Menu: c.chatMenu, Requests: c.openRequests,
	})
	c.sidebar.SetAccount(onboarding.DisplayName(a), a)
	c.bar = newBackupBar(c.showPhrase)
	c.bar.setVisible(a.BackupPending)
	c.people, c.groups, c.devices = newPeople(c), newGrouping(c), newDeviceDesk(c)
	c.header = newHeader(c.back, c.chatMenuFromHeader, c.people.openCodesOfOpen)
	c.header.about(c.groups.openPage)
	c.newList()
	c.foot = newFoot(c)
	c.catchup = newCatchup(c)
	c.waiting.Hide()
	foot := container.NewVBox(c.say, c.waiting, c.foot.object)
	c.chatPane = container.New(onTop{}, c.header.object, container.NewBorder(nil, foot, nil, nil, c.list))
	c.pane = container.NewStack(c.placeholder())
	c.progress = newProgressLine()
	c.topped = container.New(onTop{}, c.progress.object, c.pane)
	c.panes = container.New(paneLayout{narrow: c.setNarrow, chat: func() bool { return c.open != "" || c.listing }, state: &c.narrow},
		c.sidebar.Object, part.NewLine(theme.ColorNameLine), c.topped)
	bars := container.New(layout.NewCustomPaddedVBoxLayout(0), c.bar.object, c.devices.bar)
	c.object = container.New(onTop{}, bars, c.panes)
	c.chats = task.NewLatest(w.runner, w.opt.Services.Chats.List, c.showChats).Rest(listRest)
	c.network = task.NewLatest(w.runner, c.queryNetwork, func(n networkNow, _ error) { c.showNetwork(n); c.sayWaiting() })
	return c
}

func (c *conversations) load() {
	c.chats.Ask()
	c.people.load()
	c.groups.ask()
	c.devices.ask()
	c.network.Ask()
	c.catchup.ask()
	c.accountChanged()
}

func (c *conversations) resync() {
	c.load()
	c.people.askOpen()
	c.groups.resync()
	c.list.Resync()
}

func (c *conversations) close() {
	c.composer.Clear()
	c.list.Close()
}

// showChats takes the list that was loaded. The first time it opens the topmost chat where there is room for it.
func (c *conversations) showChats(list []chats.Chat, err error) {
	c.failed = err
	if err != nil {
		c.sidebar.SetFailed(fault.Sentence(err))
		c.refreshPane()
		return
	}
	first := !c.loaded
	for i := range list {
		list[i] = c.people.names.chat(c.withDraft(list[i]))
	}
	c.all, c.loaded = list, true
	c.sidebar.SetChats(list)
	if chat := c.find(c.open); chat != nil {
		c.listed, c.gone = true, false
		c.update(*chat)
	} else if c.open != "" && c.listed && !c.gone && !c.chat.Request {
		c.left()
	}
	c.people.showCount() // which invitations are among the chats is known now
	if first && c.open == "" && !c.listing && len(list) > 0 && !c.narrow {
		c.openChat(list[0].ID)
		return
	}
	c.refreshPane()
}

// landed shows the first channel of a network that was joined.
func (c *conversations) landed(_ network.Network, first *chats.Chat) {
	c.network.Ask()
	c.chats.Ask()
	if c.details != nil {
		c.details.ask()
	}
	if first != nil {
		c.w.sheets.CloseAll()
		c.showChat(*first)
	}
}

func (c *conversations) find(id string) *chats.Chat {
	i := slices.IndexFunc(c.all, func(chat chats.Chat) bool { return chat.ID == id })
	if i < 0 {
		return nil
	}
	return &c.all[i]
}

// openChat shows a chat. One that is not in the list yet was joined just now and is asked for by id.
func (c *conversations) openChat(id string) {
	if chat := c.find(id); chat != nil {
		c.showChat(*chat)
		return
	}
	if chat := c.people.request(id); chat != nil {
		c.showChat(*chat)
		return
	}
	task.Go(c.w.runner, func(ctx context.Context) (chats.Chat, error) { return c.w.opt.Services.Chats.Get(ctx, id) },
		func(chat chats.Chat, err error) {
			if err == nil && c.w.main == c {
				c.showChat(chat)
			}
		})
}

func (c *conversations) showChat(chat chats.Chat) {
	c.listing = false
	if c.open != chat.ID {
		c.open, c.chat = chat.ID, chat
		c.openID.Store(&chat.ID)
		c.gone = false
		c.listed = c.find(chat.ID) != nil || c.people.request(chat.ID) != nil || c.groups.stranger(chat.ID)
		c.say.Say("")
		c.list.SetChat(chat)
		c.composer.SetChat(c.withDraft(chat))
		c.takeBack()
		c.sayWaiting()
		c.people.opened()
		c.groups.opened()
		c.catchup.opened()
	}
	c.update(chat)
	c.sidebar.SetOpen(chat.ID)
	c.people.showCount()
	c.refreshPane()
	c.focusComposer(focusTries)
	c.w.tell("chat " + chat.ID)
}

// update follows what is known of the open chat: its name, how the other stands, whether it can be written in.
func (c *conversations) update(chat chats.Chat) {
	renamed := c.chat.Name != chat.Name
	c.chat = chat
	c.header.show(c.heading())
	c.composer.Rename(chat)
	if renamed {
		c.list.SetName(chat.Name)
	}
	c.foot.show()
}

// left is told that the open chat is in no list any more.
func (c *conversations) left() {
	if c.chat.Kind == chats.Private && c.people.service() != nil {
		c.people.left()
		return
	}
	c.closeChat()
}

// canWrite tells whether a chat is open in which can be written.
func (c *conversations) canWrite() bool { return c.open != "" && c.foot.writing() }

// closeChat leaves the pane without a chat: it was left, or the window is narrow and shows the sidebar.
func (c *conversations) closeChat() {
	c.open, c.chat, c.listing, c.gone = "", chats.Chat{}, false, false
	c.openID.Store(nil)
	c.people.opened()
	c.groups.opened()
	c.list.Clear()
	c.composer.Clear()
	c.sidebar.SetOpen("")
	c.people.showCount()
	c.refreshPane()
}

func (c *conversations) refreshPane() {
	content := c.chatPane
	switch {
	case c.listing:
		content = c.people.page.object
	case c.open == "":
		content = c.placeholder()
	}
	c.pane.Objects = []fyne.CanvasObject{content}
	c.panes.Refresh()
	c.pane.Refresh()
}

// placeholder is what stands in the place of a chat: one sentence, one button.
func (c *conversations) placeholder() fyne.CanvasObject {
	switch {
	case c.failed != nil:
		return notice(fault.Sentence(c.failed), part.Main("Try again", c.load))
	case !c.loaded:
		return container.NewWithoutLayout()
	case len(c.all) == 0:
		return notice("You have no chats yet.", part.Main("New chat", func() { c.openNew("") }))
	default:
		return notice("Choose a chat on the left, or begin a new one.", part.Main("New chat", func() { c.openNew("") }))
	}
}

// notice is one sentence and one button in the middle of a pane.
func notice(sentence string, button *part.Button) fyne.CanvasObject {
	text := part.Text(sentence)
	text.Alignment = fyne.TextAlignCenter
	return container.NewCenter(container.NewVBox(
		container.NewGridWrap(fyne.NewSize(340, 60), text), container.NewCenter(button)))
}

func (c *conversations) setNarrow(bool) {
	c.header.show(c.heading())
	c.people.page.setNarrow(c.narrow)
	c.sayProgress()
}

// back leads from a request to all of them, and else to the sidebar of a narrow window.
func (c *conversations) back() {
	if c.chat.Request {
		c.openRequests()
		return
	}
	c.closeChat()
}

// jump puts the cursor into the search; a narrow window shows its sidebar for that.
func (c *conversations) jump() {
	if c.narrow && (c.open != "" || c.listing) {
		c.closeChat()
	}
	c.sidebar.FocusSearch(c.w.window.Canvas())
}

// step opens the chat above or below the open one.
func (c *conversations) step(by int) {
	if id := c.sidebar.Neighbour(by); id != "" {
		c.openChat(id)
	}
}

func (c *conversations) accountChanged() {
	a, open := c.w.opt.Services.Account.Current()
	if !open {
		return
	}
	c.account = a
	c.sidebar.SetAccount(onboarding.DisplayName(a), a)
	c.bar.setVisible(a.BackupPending)
	c.object.Refresh() // the bar's room
	c.w.window.SetTitle("Sotto – " + onboarding.DisplayName(a))
}
