package theme

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Measures in Fyne's device-independent pixels, on a grid of four.
const (
	Grid  float32 = 4
	Near  float32 = 8  // between related things
	Apart float32 = 16 // between groups
	Edge  float32 = 24 // at the window's edges

	TextSize  float32 = 14 // text and, in bold, names
	SmallSize float32 = 12 // times and hints
	TitleSize float32 = 18

	AvatarList    float32 = 36
	AvatarMessage float32 = 32
	AvatarProfile float32 = 96

	SidebarWidth float32 = 300
	RowWidth     float32 = 680 // the widest a message gets
	NarrowWidth  float32 = 880 // under this the sidebar gives way to an open chat
	LeastWidth   float32 = 720
	LeastHeight  float32 = 480
)

var sizes = map[fyne.ThemeSizeName]float32{
	fynetheme.SizeNamePadding:            Grid,
	fynetheme.SizeNameInnerPadding:       Near,
	fynetheme.SizeNameText:               TextSize,
	fynetheme.SizeNameCaptionText:        SmallSize,
	fynetheme.SizeNameHeadingText:        TitleSize,
	fynetheme.SizeNameSubHeadingText:     TextSize,
	fynetheme.SizeNameInputRadius:        6,
	fynetheme.SizeNameButtonRadius:       6,
	fynetheme.SizeNameSelectionRadius:    6,
	fynetheme.SizeNameCardRadius:         8,
	fynetheme.SizeNameDialogRadius:       8,
	fynetheme.SizeNamePopupRadius:        8,
	fynetheme.SizeNameMenuRadius:         6,
	fynetheme.SizeNameModalBlurRadius:    0, // a blur repaints the whole window
	fynetheme.SizeNameScrollBar:          10,
	fynetheme.SizeNameScrollBarSmall:     4,
	fynetheme.SizeNameSeparatorThickness: 1,
}
