package icon

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"sotto/assets/icons"
	"sotto/views/theme"
)

var all = []Name{Attention, Back, Channel, Circle, Close, Copy, Device, Dot, Group, Link, Lock, More, Node, Person, Plus, Ring, Search, Tick, Verified}

func sheet() fyne.CanvasObject {
	grid := container.NewGridWithColumns(6)
	for _, name := range all {
		for _, colour := range []fyne.ThemeColorName{theme.ColorNameText, theme.ColorNameAccent} {
			img := canvas.NewImageFromResource(In(name, colour))
			img.SetMinSize(fyne.NewSquareSize(48))
			grid.Add(img)
		}
	}
	return grid
}

func TestSigns(t *testing.T) {
	if got, want := len(icons.Names()), len(all)+1; got != want {
		t.Errorf("%d pictures, %d named", got, want)
	}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Dark))
	w := test.NewTempWindow(t, sheet())
	test.AssertRendersToImage(t, "signs-dark.png", w.Canvas())
	app.Settings().SetTheme(theme.New(theme.Light))
	w = test.NewTempWindow(t, sheet())
	test.AssertRendersToImage(t, "signs-light.png", w.Canvas())
}

// The picture that packages carry is what the drawing shows. SOTTO_DRAW=1 draws it anew.
func TestProgramPicture(t *testing.T) {
	const path = "../../assets/icons/sotto.png"
	test.NewTempApp(t)
	img := canvas.NewImageFromResource(Program())
	img.SetMinSize(fyne.NewSquareSize(512))
	w := test.NewTempWindow(t, img)
	w.SetPadded(false)
	w.Resize(fyne.NewSquareSize(512))
	drawn := clearCorners(w.Canvas().Capture())
	if os.Getenv("SOTTO_DRAW") != "" {
		write(t, path, drawn)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if kept.Bounds() != drawn.Bounds() {
		t.Fatalf("the picture measures %v", kept.Bounds())
	}
	for _, p := range []image.Point{{2, 2}, {60, 256}, {210, 240}, {256, 300}, {380, 200}, {300, 460}} {
		if kept.At(p.X, p.Y) != drawn.At(p.X, p.Y) {
			t.Errorf("at %v the picture has %v, the drawing %v", p, kept.At(p.X, p.Y), drawn.At(p.X, p.Y))
		}
	}
}

// clearCorners makes what lies outside the rounded square transparent, since a window has a ground and an icon none.
func clearCorners(img image.Image) *image.NRGBA {
	const edge, radius = 24, 104
	out := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for y := range 512 {
		for x := range 512 {
			dx := max(edge+radius-x, x-(511-edge-radius), 0)
			dy := max(edge+radius-y, y-(511-edge-radius), 0)
			inside := dx*dx+dy*dy <= radius*radius
			if inside {
				out.Set(x, y, img.At(x, y))
			}
		}
	}
	return out
}

func write(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}
