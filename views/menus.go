package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/services/contacts"
)

// accountMenu is what the account's name in the sidebar opens.
func (c *conversations) accountMenu(at fyne.CanvasObject) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Open settings", c.openSettings),
		fyne.NewMenuItem("Copy my key", func() { c.copy(c.account.Short) }),
	}
	if c.people.service() != nil {
		items = append(items, fyne.NewMenuItem("My contact link", c.people.openMine), fyne.NewMenuItem("Contacts", c.openContacts))
	}
	c.menu(at, append(items,
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Switch account", c.w.lock),
		fyne.NewMenuItem("Lock", c.w.lock))...)
}

func (c *conversations) menu(at fyne.CanvasObject, items ...*fyne.MenuItem) {
	if len(items) == 0 {
		return
	}
	c.w.window.Canvas().Unfocus() // the button that was pressed; what is typed afterwards is for the composer
	position := fyne.CurrentApp().Driver().AbsolutePositionForObject(at)
	position.Y += at.Size().Height
	canvas := c.w.window.Canvas()
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), canvas)
	position.X = max(0, min(position.X, canvas.Size().Width-menu.MinSize().Width))
	position.Y = max(0, min(position.Y, canvas.Size().Height-menu.MinSize().Height))
	menu.ShowAtPosition(position)
}

// chatItems are what can be done with a chat as a whole.
func (c *conversations) chatItems(id string) []*fyne.MenuItem {
	switch chat := c.known(id); chat.Kind {
	case chats.Private:
		return c.people.items(chat)
	case chats.Group:
		return c.groups.items(chat)
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem("Copy name", func() { c.copy(id) })}
	items = append(items, c.historyItems(id)...)
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Leave #"+id, func() { c.openLeave(id) }))
}

// historyItems lead to how much of a chat is here.
func (c *conversations) historyItems(id string) []*fyne.MenuItem {
	if c.catchup.service == nil {
		return nil
	}
	return []*fyne.MenuItem{fyne.NewMenuItem("View history", func() { c.catchup.openHistory(id) })}
}

// known is a chat as far as it is known.
func (c *conversations) known(id string) chats.Chat {
	if chat := c.find(id); chat != nil {
		return *chat
	}
	return c.chat
}

// items are what can be done about whom a private chat is with.
func (p *people) items(chat chats.Chat) []*fyne.MenuItem {
	if p.service() == nil {
		return nil
	}
	person := p.known(chat.ID)
	if called(person) == somebody {
		person.Nickname = chat.Name // until they are loaded
	}
	item := func(label string, f func(contacts.Contact)) *fyne.MenuItem {
		return fyne.NewMenuItem(label, func() { f(person) })
	}
	items := []*fyne.MenuItem{item("View profile", p.openProfile)}
	if person.State == contacts.Added {
		items = append(items, item("Set nickname", p.openNickname), item("Compare codes", p.openCodes))
	}
	items = append(items, p.c.historyItems(chat.ID)...)
	items = append(items, fyne.NewMenuItem("Copy key", func() { p.c.copy(person.Key) }), fyne.NewMenuItemSeparator())
	if person.State == contacts.Added {
		items = append(items, item("Remove from contacts", p.openRemove))
	}
	if person.State != contacts.Blocked {
		items = append(items, item(verbAbout("Block", person), p.openBlock))
	}
	return items
}

func (c *conversations) chatMenu(id string, at fyne.Position) {
	if items := c.chatItems(id); len(items) > 0 {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c.w.window.Canvas(), at)
	}
}

func (c *conversations) chatMenuFromHeader(at fyne.CanvasObject) {
	if c.open != "" {
		c.menu(at, c.chatItems(c.open)...)
	}
}

func (c *conversations) copy(text string) {
	if c.w.opt.Copy != nil {
		c.w.opt.Copy(text)
	}
}
