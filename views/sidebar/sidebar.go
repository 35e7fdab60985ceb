package sidebar

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/theme"
)

// Options are a sidebar's surroundings. Every function is called on the UI goroutine and must be set.
type Options struct {
	Now      func() time.Time
	Open     func(id string)            // a chat was chosen
	New      func(name string)          // "+ New", or Enter on a name that is no chat yet
	Requests func()                     // the requests were pressed
	Account  func(at fyne.CanvasObject) // the account's name was pressed
	Network  func()                     // the indicator was pressed
	Shortcut func(fyne.Shortcut) bool   // a shortcut while the search has the focus
	Menu     func(id string, at fyne.Position)
}

// Sidebar is the left pane. All methods must be called on the UI goroutine.
type Sidebar struct {
	Object fyne.CanvasObject

	opt       Options
	picture   *part.Picture
	name      *part.Span
	pseudonym *part.Span // what others call the person, below a name of their own
	names     *fyne.Container
	search    *part.Field
	list      *widget.List
	requests  *requests
	empty     *fyne.Container
	emptyText *widget.Label
	indicator *indicator

	all    []chats.Chat
	shown  []chats.Chat
	loaded bool
	failed string
	open   string
	marked int  // row that Enter in the search would open
	keys   bool // the search has the keyboard: the mark is shown
}

// New returns a sidebar that shows the state before anything is loaded.
func New(opt Options) *Sidebar {
	s := &Sidebar{opt: opt, picture: part.NewPicture(theme.AvatarList), name: part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold()}
	s.pseudonym = part.NewSpan("", theme.ColorNameTinted, theme.SmallSize)
	s.names = container.New(layout.NewCustomPaddedVBoxLayout(0), s.name, s.pseudonym)
	s.indicator = newIndicator(opt.Network)
	s.search = part.NewField("Search  Ctrl+K")
	s.search.OnChanged = func(string) { s.marked = 0; s.filter() }
	s.search.OnSubmitted = func(string) { s.submit() }
	s.search.Shortcut, s.search.Key, s.search.Focus = opt.Shortcut, s.searchKey, s.searchFocus
	s.list = widget.NewList(func() int { return len(s.shown) }, func() fyne.CanvasObject { return s.newRow() }, s.bind)
	s.list.HideSeparators = true
	s.emptyText = part.Quiet("")
	s.empty = container.NewVBox(s.emptyText)

	var me *part.Tile
	face := container.NewBorder(nil, nil, s.picture, nil, container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, 0), part.Middle(s.names)))
	me = part.NewTile(theme.ColorNameRaised, part.Inset(theme.Grid, face), func() { opt.Account(me) })
	s.requests = newRequests(opt.Requests)
	head := container.NewVBox(me, s.search, s.requests)
	add := part.NewIconButton("New", icon.Of(icon.Plus), func() { opt.New("") })
	add.Alignment = widget.ButtonAlignLeading
	add.Importance = widget.LowImportance
	foot := container.NewVBox(part.NewLine(theme.ColorNameLine), add, s.indicator)
	s.Object = part.NewPanel(theme.ColorNameRaised, 0, part.Inset(theme.Near,
		container.NewBorder(head, foot, nil, nil, container.NewStack(s.list, s.empty))))
	s.filter()
	return s
}

func (s *Sidebar) newRow() *Row {
	r := NewRow(theme.ColorNameRaised, s.choose)
	r.SecondaryTap = func(at fyne.Position) {
		if s.opt.Menu != nil {
			s.opt.Menu(r.chat, at)
		}
	}
	return r
}

func (s *Sidebar) bind(i widget.ListItemID, o fyne.CanvasObject) {
	if i < len(s.shown) {
		chosen := s.shown[i].ID == s.open
		if s.keys {
			chosen = i == s.marked
		}
		o.(*Row).Bind(s.shown[i], chosen, s.opt.Now())
	}
}

// SetAccount shows who is here: the name on this computer and, where it is another, what others see.
func (s *Sidebar) SetAccount(name string, a account.Account) {
	s.name.SetText(name)
	s.pseudonym.SetText(a.Pseudonym)
	if a.Pseudonym == name || a.Pseudonym == "" {
		s.pseudonym.Hide()
	} else {
		s.pseudonym.Show()
	}
	s.names.Refresh()
	s.picture.SetKey(a.Key)
}

// SetChats shows the chats in the order given.
func (s *Sidebar) SetChats(list []chats.Chat) {
	s.all, s.loaded, s.failed = list, true, ""
	s.filter()
}

// SetRequests shows how many wait for an answer of the person's, and whether their list is what is looked at. The line is there
// for own requests that wait, too.
func (s *Sidebar) SetRequests(n, own int, chosen bool) { s.requests.set(n, own, chosen) }

// SetFailed says that the chats could not be loaded.
func (s *Sidebar) SetFailed(sentence string) {
	s.failed = sentence
	s.filter()
}

// SetNetwork shows how the node stands to the network.
func (s *Sidebar) SetNetwork(status network.Status, degraded []network.Degraded) {
	s.indicator.status, s.indicator.degraded = status, degraded
	s.indicator.show()
}

// SetProgress shows in the same line how far catching up is, while there is anything to say about it. Nothing moves.
func (s *Sidebar) SetProgress(p history.Progress) {
	s.indicator.progress = p
	s.indicator.show()
}

// CatchingUp is what that line says about it, for where the sidebar is hidden; empty while there is nothing to say.
func (s *Sidebar) CatchingUp() string { return s.indicator.catchingUp() }

// SetOpen marks the chat that is open; "" marks none.
func (s *Sidebar) SetOpen(id string) {
	s.open = id
	s.list.Refresh()
}

// FocusSearch puts the cursor into the search, and the mark onto the open chat.
func (s *Sidebar) FocusSearch(c fyne.Canvas) {
	c.Focus(s.search)
	s.mark(s.index(s.open))
	s.search.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// Neighbour is the chat that is by steps below the open one in the list, or "" where the list ends.
func (s *Sidebar) Neighbour(by int) string {
	if i := s.index(s.open); i >= 0 && i+by >= 0 && i+by < len(s.shown) {
		return s.shown[i+by].ID
	}
	if s.open == "" && len(s.shown) > 0 {
		return s.shown[0].ID
	}
	return ""
}

// indexOfOpen is the open chat's row, -1 where it is not shown.
func (s *Sidebar) index(id string) int {
	return slices.IndexFunc(s.shown, func(c chats.Chat) bool { return c.ID == s.open })
}

func (s *Sidebar) filter() {
	wanted := strings.ToLower(strings.TrimLeft(strings.TrimSpace(s.search.Text), "#"))
	s.shown = s.shown[:0]
	for _, c := range s.all {
		if strings.Contains(strings.ToLower(c.Name), wanted) {
			s.shown = append(s.shown, c)
		}
	}
	s.marked = min(s.marked, max(0, len(s.shown)-1))
	s.emptyText.SetText(s.emptySentence())
	if s.emptyText.Text == "" {
		s.empty.Hide()
	} else {
		s.empty.Show()
	}
	s.list.Refresh()
}

func (s *Sidebar) emptySentence() string {
	switch {
	case s.failed != "":
		return s.failed
	case !s.loaded || len(s.shown) > 0:
		return ""
	case len(s.all) == 0:
		return "No chats yet. Press New to begin one."
	default:
		return "No chat has this name. Press Enter to join a channel of this name."
	}
}

// searchFocus shows the mark while the search has the keyboard, beginning with the open chat.
func (s *Sidebar) searchFocus(has bool) {
	s.keys = has
	s.mark(s.index(s.open))
}

// mark moves the mark to a row, as far as there are rows, and brings it into view.
func (s *Sidebar) mark(i int) {
	s.marked = max(0, min(i, len(s.shown)-1))
	if s.keys {
		s.list.ScrollTo(s.marked)
	}
	s.list.Refresh()
}

// searchKey moves the mark and leaves the search.
func (s *Sidebar) searchKey(key fyne.KeyName) bool {
	switch {
	case key == fyne.KeyDown && s.marked+1 < len(s.shown):
		s.mark(s.marked + 1)
	case key == fyne.KeyUp && s.marked > 0:
		s.mark(s.marked - 1)
	case key == fyne.KeyEscape && s.search.Text != "":
		s.search.SetText("")
		return true
	default:
		return false
	}
	return true
}

func (s *Sidebar) submit() {
	if wanted := strings.TrimSpace(s.search.Text); len(s.shown) == 0 && wanted != "" {
		s.search.SetText("")
		s.opt.New(wanted)
		return
	}
	if s.marked < len(s.shown) {
		s.choose(s.shown[s.marked].ID)
	}
}

func (s *Sidebar) choose(id string) {
	if s.search.Text != "" {
		s.search.SetText("")
	}
	s.mark(s.index(id))
	s.opt.Open(id)
}
