package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Mode is which of the two palettes is shown.
type Mode string

// The modes: System follows the desktop's own setting.
const (
	System Mode = "system"
	Light  Mode = "light"
	Dark   Mode = "dark"
)

// ParseMode reads what a setting or a flag says; anything unknown is System.
func ParseMode(s string) Mode {
	switch Mode(s) {
	case Light, Dark:
		return Mode(s)
	default:
		return System
	}
}

// Theme is Sotto's fyne.Theme. Fonts and the icons of Fyne's own widgets are Fyne's.
type Theme struct {
	mode    Mode
	base    fyne.Theme
	palette map[fyne.ThemeVariant]map[fyne.ThemeColorName]color.Color
}

// New returns the theme in the given mode.
func New(mode Mode) *Theme {
	return &Theme{
		mode: mode,
		base: fynetheme.DefaultTheme(),
		palette: map[fyne.ThemeVariant]map[fyne.ThemeColorName]color.Color{
			fynetheme.VariantLight: light.colours(),
			fynetheme.VariantDark:  dark.colours(),
		},
	}
}

// Mode is the mode the theme was made with.
func (t *Theme) Mode() Mode { return t.mode }

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	variant = t.variant(variant)
	if c, ok := t.palette[variant][name]; ok {
		return c
	}
	return t.base.Color(name, variant)
}

func (t *Theme) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch {
	case t.mode == Light, t.mode == System && system != fynetheme.VariantDark:
		return fynetheme.VariantLight
	default:
		return fynetheme.VariantDark
	}
}

// Font implements fyne.Theme.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource { return t.base.Font(style) }

// Icon implements fyne.Theme.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if size, ok := sizes[name]; ok {
		return size
	}
	return t.base.Size(name)
}
