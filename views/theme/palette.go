package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// The names of Sotto's own colours, to be looked up with fyne's theme.Color.
const (
	ColorNameGround    fyne.ThemeColorName = fynetheme.ColorNameBackground
	ColorNameText      fyne.ThemeColorName = fynetheme.ColorNameForeground
	ColorNameAccent    fyne.ThemeColorName = fynetheme.ColorNamePrimary
	ColorNameRaised    fyne.ThemeColorName = "sottoRaised"    // sidebar, cards, other people's messages
	ColorNameLine      fyne.ThemeColorName = "sottoLine"      // separators and borders
	ColorNameQuiet     fyne.ThemeColorName = "sottoQuiet"     // times and hints, on ground and raised
	ColorNameOnAccent  fyne.ThemeColorName = "sottoOnAccent"  // text of badges and of the main button
	ColorNameGood      fyne.ThemeColorName = "sottoGood"      // delivered, verified, connected
	ColorNameAttention fyne.ThemeColorName = "sottoAttention" // gap, clock, unverified
	ColorNameDanger    fyne.ThemeColorName = "sottoDanger"    // delete, failed, block
	ColorNameOwn       fyne.ThemeColorName = "sottoOwn"       // ground of own messages: 14 % accent on ground
	ColorNameSelected  fyne.ThemeColorName = "sottoSelected"  // ground of a selected row: 14 % accent on raised
	ColorNameUnder     fyne.ThemeColorName = "sottoUnder"     // ground of a raised row under the pointer
	ColorNameTinted    fyne.ThemeColorName = "sottoTinted"    // quiet text on own and selected
)

// palette is one set of colours. Mixed ones are kept solid, so that their contrast can be computed.
type palette struct {
	ground, raised, line, text, quiet, tinted color.NRGBA
	border                                    color.NRGBA // of fields and choices: 3 : 1
	menu                                      color.NRGBA // differs from the sidebar where no shadow is seen
	accent, good, attention, danger           color.NRGBA
	hues                                      [Hues]color.NRGBA
}

var light = palette{
	ground: rgb(0xFAFAF8), raised: rgb(0xF1F0EC), menu: rgb(0xF1F0EC), line: rgb(0xE2E0DA),
	text: rgb(0x1D1F23), quiet: rgb(0x63666D), tinted: rgb(0x55585F), border: rgb(0x85878C),
	accent: rgb(0x2F5D8C), good: rgb(0x2A7549), attention: rgb(0x8A5D00), danger: rgb(0xB3261E),
	hues: lightHues,
}

var dark = palette{
	ground: rgb(0x16181C), raised: rgb(0x1E2126), menu: rgb(0x2B2F36), line: rgb(0x2B2F36),
	text: rgb(0xE9E7E1), quiet: rgb(0xA0A3AA), tinted: rgb(0xA9ACB3), border: rgb(0x6C717A),
	accent: rgb(0x7FB0E0), good: rgb(0x6CC08B), attention: rgb(0xE0B050), danger: rgb(0xF2867E),
	hues: darkHues,
}

// colours maps every name that Sotto decides about to its colour; what is absent is Fyne's.
func (p palette) colours() map[fyne.ThemeColorName]color.Color {
	names := map[fyne.ThemeColorName]color.Color{
		ColorNameGround:    p.ground,
		ColorNameText:      p.text,
		ColorNameAccent:    p.accent,
		ColorNameRaised:    p.raised,
		ColorNameLine:      p.line,
		ColorNameQuiet:     p.quiet,
		ColorNameTinted:    p.tinted,
		ColorNameOnAccent:  p.ground,
		ColorNameGood:      p.good,
		ColorNameAttention: p.attention,
		ColorNameDanger:    p.danger,
		ColorNameOwn:       mix(p.ground, p.accent, 0.14),
		ColorNameSelected:  mix(p.raised, p.accent, 0.14),
		ColorNameUnder:     mix(p.raised, p.text, 0.04),
	}
	for i, c := range p.hues {
		names[HueName(i)] = c
	}
	p.widgets(names)
	return names
}

// widgets adds the colours that Fyne's own widgets ask for.
func (p palette) widgets(names map[fyne.ThemeColorName]color.Color) {
	names[fynetheme.ColorNameHyperlink] = p.accent
	names[fynetheme.ColorNameFocus] = alpha(p.accent, 0x40)
	names[fynetheme.ColorNameSelection] = alpha(p.accent, 0x40)
	names[fynetheme.ColorNameForegroundOnPrimary] = p.ground
	names[fynetheme.ColorNameError] = p.danger
	names[fynetheme.ColorNameForegroundOnError] = p.ground
	names[fynetheme.ColorNameSuccess] = p.good
	names[fynetheme.ColorNameForegroundOnSuccess] = p.ground
	names[fynetheme.ColorNameWarning] = p.attention
	names[fynetheme.ColorNameForegroundOnWarning] = p.ground
	names[fynetheme.ColorNameButton] = p.line
	names[fynetheme.ColorNameDisabledButton] = p.raised
	names[fynetheme.ColorNameDisabled] = p.quiet
	names[fynetheme.ColorNamePlaceHolder] = p.quiet
	names[fynetheme.ColorNameInputBackground] = p.raised
	names[fynetheme.ColorNameInputBorder] = p.border
	names[fynetheme.ColorNameHeaderBackground] = p.raised
	names[fynetheme.ColorNameMenuBackground] = p.menu
	names[fynetheme.ColorNameOverlayBackground] = p.ground
	names[fynetheme.ColorNameSeparator] = p.line
	names[fynetheme.ColorNameHover] = alpha(p.text, 0x0C)
	names[fynetheme.ColorNamePressed] = alpha(p.text, 0x18)
	names[fynetheme.ColorNameScrollBar] = alpha(p.text, 0x50)
	names[fynetheme.ColorNameScrollBarBackground] = alpha(p.text, 0x08)
	names[fynetheme.ColorNameShadow] = color.NRGBA{A: 0x40}
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xFF}
}

func alpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

// mix lays the given share of over upon under.
func mix(under, over color.NRGBA, share float64) color.NRGBA {
	one := func(u, o uint8) uint8 { return uint8(float64(u)*(1-share) + float64(o)*share + 0.5) }
	return color.NRGBA{R: one(under.R, over.R), G: one(under.G, over.G), B: one(under.B, over.B), A: 0xFF}
}
