package theme

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

const leastContrast = 4.5

// luminance is the relative luminance of WCAG 2.2, 0 to 1.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// over is c as it is seen upon a solid ground.
func over(ground, c color.NRGBA) color.NRGBA {
	solid := c
	solid.A = 0xFF
	return mix(ground, solid, float64(c.A)/255)
}

// pairs lists which texts stand on which grounds.
func pairs() map[fyne.ThemeColorName][]fyne.ThemeColorName {
	plain := []fyne.ThemeColorName{
		ColorNameText, ColorNameQuiet, ColorNameAccent, ColorNameGood, ColorNameAttention, ColorNameDanger,
		fynetheme.ColorNameHyperlink, fynetheme.ColorNamePlaceHolder, fynetheme.ColorNameDisabled,
		fynetheme.ColorNameError, fynetheme.ColorNameSuccess, fynetheme.ColorNameWarning,
	}
	tinted := []fyne.ThemeColorName{ColorNameText, ColorNameTinted, ColorNameAccent, ColorNameDanger}
	own := tinted[:len(tinted):len(tinted)]
	for i := range Hues {
		plain = append(plain, HueName(i))
		own = append(own, HueName(i))
	}
	return map[fyne.ThemeColorName][]fyne.ThemeColorName{
		ColorNameGround:                      plain,
		ColorNameRaised:                      plain,
		ColorNameOwn:                         own,
		ColorNameSelected:                    tinted,
		ColorNameUnder:                       {ColorNameText, ColorNameQuiet, ColorNameTinted, ColorNameAttention},
		fynetheme.ColorNameInputBackground:   {ColorNameText, fynetheme.ColorNamePlaceHolder, ColorNameQuiet},
		fynetheme.ColorNameMenuBackground:    {ColorNameText, ColorNameQuiet, ColorNameDanger},
		fynetheme.ColorNameOverlayBackground: {ColorNameText, ColorNameQuiet, ColorNameDanger, ColorNameAccent},
		fynetheme.ColorNameHeaderBackground:  {ColorNameText, ColorNameQuiet},
		fynetheme.ColorNameButton:            {ColorNameText},
		fynetheme.ColorNameDisabledButton:    {fynetheme.ColorNameDisabled},
		ColorNameAccent:                      {ColorNameOnAccent, fynetheme.ColorNameForegroundOnPrimary},
		fynetheme.ColorNameError:             {fynetheme.ColorNameForegroundOnError},
		fynetheme.ColorNameSuccess:           {fynetheme.ColorNameForegroundOnSuccess},
		fynetheme.ColorNameWarning:           {fynetheme.ColorNameForegroundOnWarning},
	}
}

func solid(t *testing.T, th fyne.Theme, name fyne.ThemeColorName) color.NRGBA {
	t.Helper()
	c, ok := th.Color(name, fynetheme.VariantLight).(color.NRGBA)
	if !ok || c.A != 0xFF {
		t.Fatalf("%s is not a solid colour: %v", name, c)
	}
	return c
}

func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	for _, mode := range []Mode{Light, Dark} {
		th := New(mode)
		for ground, texts := range pairs() {
			g := solid(t, th, ground)
			for _, text := range texts {
				if got := contrast(g, solid(t, th, text)); got < leastContrast {
					t.Errorf("%s: %s on %s is %.2f : 1", mode, text, ground, got)
				}
			}
		}
	}
}

// A row under the pointer is tinted by the hover colour; what is written on it must stay readable.
func TestContrastUnderPointer(t *testing.T) {
	test.NewTempApp(t)
	for _, mode := range []Mode{Light, Dark} {
		th := New(mode)
		hover := th.Color(fynetheme.ColorNameHover, fynetheme.VariantLight).(color.NRGBA)
		for _, name := range []fyne.ThemeColorName{ColorNameGround, ColorNameRaised, fynetheme.ColorNameButton} {
			ground := over(solid(t, th, name), hover)
			if got := contrast(ground, solid(t, th, ColorNameText)); got < leastContrast {
				t.Errorf("%s: text on %s under the pointer is %.2f : 1", mode, name, got)
			}
		}
		ground := over(solid(t, th, ColorNameRaised), hover)
		if got := contrast(ground, solid(t, th, ColorNameQuiet)); got < leastContrast {
			t.Errorf("%s: quiet text on a raised row under the pointer is %.2f : 1", mode, got)
		}
	}
}

// What a person must see to know a field or a choice is there needs 3 : 1 (success criterion 1.4.11).
func TestBordersAreSeen(t *testing.T) {
	test.NewTempApp(t)
	for _, mode := range []Mode{Light, Dark} {
		th := New(mode)
		for _, ground := range []fyne.ThemeColorName{ColorNameGround, ColorNameRaised} {
			got := contrast(solid(t, th, ground), solid(t, th, fynetheme.ColorNameInputBorder))
			if got < 3 {
				t.Errorf("%s: the border on %s is %.2f : 1", mode, ground, got)
			}
		}
	}
}

// The line that shows where the keyboard is stands out by as much from what it is drawn upon: a button's ground under
// the shade that Fyne gives a focused one, a row at rest, a chosen row.
func TestTheFocusIsSeen(t *testing.T) {
	test.NewTempApp(t)
	for _, mode := range []Mode{Light, Dark} {
		th := New(mode)
		shade := th.Color(fynetheme.ColorNameFocus, fynetheme.VariantLight).(color.NRGBA)
		for ground, line := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			ColorNameAccent: ColorNameOnAccent, fynetheme.ColorNameError: ColorNameOnAccent,
			fynetheme.ColorNameButton: ColorNameAccent,
		} {
			if got := contrast(over(solid(t, th, ground), shade), solid(t, th, line)); got < 3 {
				t.Errorf("%s: the line on a button of %s is %.2f : 1", mode, ground, got)
			}
		}
		for _, ground := range []fyne.ThemeColorName{ColorNameGround, ColorNameRaised, ColorNameSelected, ColorNameUnder} {
			if got := contrast(solid(t, th, ground), solid(t, th, ColorNameAccent)); got < 3 {
				t.Errorf("%s: the line on %s is %.2f : 1", mode, ground, got)
			}
		}
	}
}

// A dark menu's shadow is not seen: it must not look like a part of what it lies over.
func TestDarkMenusDifferFromWhatTheyCover(t *testing.T) {
	test.NewTempApp(t)
	th := New(Dark)
	menu := solid(t, th, fynetheme.ColorNameMenuBackground)
	if menu == solid(t, th, ColorNameRaised) || menu == solid(t, th, ColorNameGround) {
		t.Errorf("a menu is %v, like what is under it", menu)
	}
}

// The hues of a palette differ in hue, not in weight.
func TestHuesOfOneLightness(t *testing.T) {
	for name, hues := range map[string][Hues]color.NRGBA{"light": lightHues, "dark": darkHues} {
		least, most, seen := 1.0, 0.0, map[color.NRGBA]bool{}
		for _, c := range hues {
			l := luminance(c)
			least, most = min(least, l), max(most, l)
			seen[c] = true
		}
		if len(seen) != Hues {
			t.Errorf("%s: only %d different hues", name, len(seen))
		}
		if ratio := (most + 0.05) / (least + 0.05); ratio > 1.3 {
			t.Errorf("%s: the lightest hue stands out by %.2f : 1", name, ratio)
		}
	}
}

func TestHueOf(t *testing.T) {
	if HueOf("0x04ABCDEF") != HueOf("0x04abcdef") {
		t.Error("letter case changes the hue")
	}
	count := [Hues]int{}
	for i := range 12000 {
		h := HueOf(fmt.Sprintf("0x04%060x", i*7919))
		if h < 0 || h >= Hues {
			t.Fatalf("hue %d", h)
		}
		count[h]++
	}
	for h, n := range count {
		if n < 700 || n > 1300 {
			t.Errorf("hue %d got %d of 12000 keys", h, n)
		}
	}
	if HueName(-1) != HueName(11) || HueName(12) != HueName(0) {
		t.Error("hue numbers do not wrap around")
	}
}

func TestModes(t *testing.T) {
	test.NewTempApp(t)
	lightGround, darkGround := color.Color(light.ground), color.Color(dark.ground)
	for _, c := range []struct {
		mode    Mode
		variant fyne.ThemeVariant
		want    color.Color
	}{
		{System, fynetheme.VariantLight, lightGround}, {System, fynetheme.VariantDark, darkGround},
		{Light, fynetheme.VariantDark, lightGround}, {Dark, fynetheme.VariantLight, darkGround},
	} {
		if got := New(c.mode).Color(ColorNameGround, c.variant); got != c.want {
			t.Errorf("%s with variant %d: ground %v, want %v", c.mode, c.variant, got, c.want)
		}
	}
	for in, want := range map[string]Mode{"light": Light, "dark": Dark, "system": System, "": System, "sepia": System} {
		if got := ParseMode(in); got != want {
			t.Errorf("ParseMode(%q) = %q", in, got)
		}
	}
}

func TestWhatIsNotOursIsFynes(t *testing.T) {
	test.NewTempApp(t)
	th := New(Dark)
	if th.Font(fyne.TextStyle{Bold: true}) == nil || th.Icon(fynetheme.IconNameCancel) == nil {
		t.Error("a font or an icon is missing")
	}
	if th.Size(fynetheme.SizeNameText) != TextSize || th.Size(fynetheme.SizeNameHeadingText) != TitleSize {
		t.Error("text sizes are not ours")
	}
	if th.Size(fynetheme.SizeNameWindowButtonHeight) == 0 {
		t.Error("a size of Fyne's own is missing")
	}
}
