package views

import (
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestDevicesAreReachedFromTheSettings(t *testing.T) {
	h := newHarness(t, theme.Light, withDevices(office))
	h.window.main.openSettings()
	h.must("Devices", "2 devices take part")
	h.tap("Show devices")
	h.must("Your devices", "Office", "Takes part · heard 11:41", "Disable")
}

func TestWithoutADeviceServiceNothingIsSaid(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.opt.Services.Devices = nil
	h.window.main.openSettings()
	h.mustNot("Devices")
	h.window.main.devices.openSheet()
	h.bus.Publish(event.Event{Kind: event.Device, Name: "2"})
	h.settle()
	h.mustNot("Your devices")
}

func TestOneDevice(t *testing.T) {
	h := newHarness(t, theme.Light, inTrouble)
	h.window.main.devices.openSheet()
	h.settle()
	h.must("No other device of yours is known. To add one:", "I have a recovery phrase", "Look for my other devices")
	h.mustNot("connected to nobody")
	h.devices.err = fault.New(fault.StorageProblem, "The disk is full.")
	h.tap("Look for my other devices")
	h.must("The disk is full.")
	h.tap("Look for my other devices")
	h.untilSays("No other device answered so far.")
	h.must("This computer is connected to nobody.", "Check the connection, or join a network that both devices use.")
	if h.devices.announced != 2 {
		t.Errorf("announced %d times", h.devices.announced)
	}
	h.devices.appear(laptop(false))
	h.untilSays("Not enabled yet · heard yesterday")
	h.mustNot("connected to nobody", "No other device")
	h.settle()
	h.mustNot("announced itself") // it is looked at
}

func TestEnablingADevice(t *testing.T) {
	h := newHarness(t, theme.Light, withDevices(laptop(false)))
	h.window.main.devices.openSheet()
	h.settle()
	h.tap("Compare codes")
	h.must("Is “Laptop” yours?", "4711", "0815", "2042", "9364", "0007", "Both must show the same digits.")
	h.tap("They differ")
	h.must("Then this is not the device that you have before you.")
	if h.devices.list[1].Enabled {
		t.Fatal("it takes part all the same")
	}
	h.devices.err = fault.New(fault.NotAllowed, "Three devices take part already.")
	h.tap("The codes are the same")
	h.must("Three devices take part already.")
	h.tap("The codes are the same")
	h.must("This computer trusts “Laptop”", "there, too")
	h.tap("Close")
	h.must("Takes part · heard yesterday", "Disable")
	h.tap("Disable")
	h.must("Disable Laptop?", "What it has already stays on it.")
	h.tap("Keep")
	h.tap("Disable")
	h.tap("Disable Laptop")
	h.must("Not enabled yet", "Compare codes")
}

func TestThreeDevicesAreTheMost(t *testing.T) {
	h := newHarness(t, theme.Light, withDevices(laptop(true), office, unnamed))
	h.window.main.devices.openSheet()
	h.settle()
	h.must("A device without a name", "Three devices take part, which is the most.")
	h.mustNot("Compare codes")
}

func TestNamingThisDevice(t *testing.T) {
	h := newHarness(t, theme.Light, withDevices())
	h.window.main.devices.openSheet()
	h.settle()
	viewtest.Set(t, h.canvas, "Name of this computer", "Attic")
	h.bus.Publish(event.Event{Kind: event.Device, Name: "1"})
	h.settle()
	if got := viewtest.Field(t, h.canvas, "Name of this computer").Text; got != "Attic" {
		t.Errorf("what is typed becomes %q", got)
	}
	h.devices.err = fault.New(fault.BadName, "The name of a device is one short line.")
	h.press(fyne.KeyReturn)
	h.must("The name of a device is one short line.")
	h.tap("Save")
	h.mustNot("The name of a device is one short line.")
	if h.devices.list[0].Name != "Attic" {
		t.Errorf("it is called %q", h.devices.list[0].Name)
	}
}

func TestDevicesThatCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, unreadDevices)
	unreadDevices(h)
	h.window.main.devices.openSheet()
	h.settle()
	h.must("The disk does not answer.")
	h.tap("Try again")
	h.must("No other device of yours is known.")
	h.mustNot("The disk does not answer.")
}

func TestANewDeviceIsTold(t *testing.T) {
	h := newHarness(t, theme.Light, withDevices(office, unnamed))
	const notice = "A new device of yours announced itself: Laptop."
	h.mustNot("announced itself") // what was heard days ago is no news
	before := h.window.main.list.Size().Height
	h.devices.appear(laptop(false))
	h.untilSays(notice)
	h.settle()
	if h.window.main.list.Size().Height >= before {
		t.Error("the notice has no room")
	}
	other := laptop(false)
	other.ID, other.Name = "5", "Attic"
	h.devices.appear(other)
	h.untilSays("New devices of yours announced themselves.")
	h.tap("Look")
	h.must("Your devices", "Laptop", "Attic")
	h.press(fyne.KeyEscape)
	h.settle()
	h.mustNot("announced")
	if h.window.main.list.Size().Height != before {
		t.Error("the notice keeps its room")
	}
}

func TestTheNoticeIsPutAway(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		justHeard := laptop(false)
		justHeard.Heard = noon.Add(-justNow / 2)
		withDevices(justHeard)(h)
	})
	h.must("A new device of yours announced itself: Laptop.") // while the window was being opened
	h.window.main.devices.dismiss()
	h.bus.Publish(event.Event{Kind: event.Device, Name: "2"})
	h.settle()
	h.mustNot("announced itself")
	h.devices.appear(devices.Device{ID: "6", Enabled: true, Heard: noon})
	h.settle()
	h.mustNot("announced itself") // one that takes part is no question
}
