package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// accountMenu is what the account's name in the sidebar opens.
func (c *conversations) accountMenu(at fyne.CanvasObject) {
	c.menu(at,
		fyne.NewMenuItem("Open settings", c.openSettings),
		fyne.NewMenuItem("Copy my key", func() { c.copy(c.account.Short) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Switch account", c.w.lock),
		fyne.NewMenuItem("Lock", c.w.lock))
}

func (c *conversations) menu(at fyne.CanvasObject, items ...*fyne.MenuItem) {
	c.w.window.Canvas().Unfocus() // the button that was pressed; what is typed afterwards is for the composer
	position := fyne.CurrentApp().Driver().AbsolutePositionForObject(at)
	position.Y += at.Size().Height
	canvas := c.w.window.Canvas()
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), canvas)
	position.X = max(0, min(position.X, canvas.Size().Width-menu.MinSize().Width))
	menu.ShowAtPosition(position)
}

// chatItems are what can be done with a chat as a whole.
func (c *conversations) chatItems(id string) []*fyne.MenuItem {
	return []*fyne.MenuItem{
		fyne.NewMenuItem("Copy name", func() { c.copy(id) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Leave #"+id, func() { c.openLeave(id) }),
	}
}

func (c *conversations) chatMenu(id string, at fyne.Position) {
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", c.chatItems(id)...), c.w.window.Canvas(), at)
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
