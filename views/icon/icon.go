// Package icon gives the pictures of assets/icons to widgets, painted in the theme's colours.
package icon

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/assets/icons"
)

// Name is the name of a picture.
type Name string

// The signs.
const (
	Attention Name = "attention"
	Back      Name = "back"
	Channel   Name = "channel"
	Circle    Name = "circle"
	Close     Name = "close"
	Copy      Name = "copy"
	Device    Name = "device"
	Dot       Name = "dot"
	Group     Name = "group"
	Link      Name = "link"
	Lock      Name = "lock"
	More      Name = "more"
	Node      Name = "node"
	Person    Name = "person"
	Plus      Name = "plus"
	Ring      Name = "ring"
	Search    Name = "search"
	Tick      Name = "tick"
	Verified  Name = "verified"
)

// Of is the sign in the colour of text.
func Of(name Name) fyne.Resource { return fynetheme.NewThemedResource(resource(name)) }

// In is the sign in a colour of the theme.
func In(name Name, colour fyne.ThemeColorName) fyne.Resource {
	return fynetheme.NewColoredResource(resource(name), colour)
}

// Program is the program's own icon, in its own colours.
func Program() fyne.Resource { return resource("sotto") }

func resource(name Name) *fyne.StaticResource {
	return fyne.NewStaticResource(string(name)+".svg", icons.SVG(string(name)))
}
