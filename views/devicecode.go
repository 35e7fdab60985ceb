package views

import (
	"context"
	"strings"

	"fyne.io/fyne/v2/container"

	"sotto/services/devices"
	"sotto/views/part"
	"sotto/views/theme"
)

// deviceDigits is the size of the digits that somebody compares on two screens.
const deviceDigits float32 = 24

// openCode lets the person compare the code that both devices show, and lets the other one take part.
func (s *deviceSheet) openCode(one devices.Device) {
	name, say := deviceName(one), part.NewComplaint()
	digits := container.NewHBox()
	for _, four := range strings.Fields(one.Code) {
		digits.Add(container.NewPadded(part.NewSpan(four, theme.ColorNameText, deviceDigits).Mono().Whole()))
	}
	var sheet *part.Sheet
	same := part.Main("The codes are the same", nil)
	same.OnTapped = func() {
		s.d.change(same, "Letting it take part…", say,
			func(ctx context.Context) (devices.Device, error) { return s.d.service().Enable(ctx, one.ID) },
			func(now devices.Device) { sheet.Close(); s.openDone(now) })
	}
	differ := part.NewButton("They differ", func() { say.Say(deviceCodesDiffer) })
	body := part.Column(
		part.Text("Open this page on “"+name+"”, too, and press “Compare codes” beside this computer. Both must show the same digits."),
		part.NewPanel(theme.ColorNameRaised, 8, part.Inset(theme.Near, container.NewCenter(digits))),
		part.Quiet("From then on it gets your contacts and chats, and what you write and read. Do not go on if you do not have it before you."), say)
	sheet = s.d.c.w.sheets.Open("Is “"+name+"” yours?", body, differ, same)
	s.d.c.w.Focus(differ)
}

// deviceCodesDiffer is what it means that the codes differ.
const deviceCodesDiffer = "Then this is not the device that you have before you. Close this and look for one with another name, or press “Look for my other devices” on both again. If none has the same code, somebody else may have your recovery phrase."

// openDone says what is left to do once a device takes part here.
func (s *deviceSheet) openDone(now devices.Device) {
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = s.d.c.w.sheets.Open("This computer trusts “"+deviceName(now)+"”", part.Text(
		"Now press “The codes are the same” there, too. Both begin to share when both have done so."), nil, shut)
	s.d.c.w.Focus(shut)
}
