package theme

import (
	"hash/fnv"
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
)

// Hues is how many colours tell people's names apart.
const Hues = 12

// Twelve hues 30 degrees apart, of one lightness per palette (OKLCH 0.49 and 0.79), as much chroma as sRGB holds.
var (
	lightHues = [Hues]color.NRGBA{
		rgb(0x983F4A), rgb(0x96461D), rgb(0x825604), rgb(0x696305), rgb(0x406F20), rgb(0x047252),
		rgb(0x076F6F), rgb(0x036B87), rgb(0x2B61A3), rgb(0x5B54A1), rgb(0x7A498F), rgb(0x8E4170),
	}
	darkHues = [Hues]color.NRGBA{
		rgb(0xF4A0A6), rgb(0xF1A685), rgb(0xE0B16F), rgb(0xC4BE70), rgb(0x9FC988), rgb(0x79CFAB),
		rgb(0x62CFCE), rgb(0x6DC8EB), rgb(0x8FBEFA), rgb(0xB3B2F9), rgb(0xD3A7E7), rgb(0xE9A1C9),
	}
)

// HueName is the colour name of hue i; numbers beyond the twelve wrap around.
func HueName(i int) fyne.ThemeColorName {
	i %= Hues
	if i < 0 {
		i += Hues
	}
	return fyne.ThemeColorName("sottoHue" + strconv.Itoa(i))
}

// HueOf is the hue, 0 to 11, of the person with this chat key (0x04…). Letter case does not matter. It separates people
// on a screen and proves nothing.
func HueOf(key string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.ToLower(key)))
	return int(sum.Sum32() % Hues)
}
