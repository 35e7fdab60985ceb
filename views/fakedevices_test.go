package views

import (
	"context"
	"slices"
	"sync"

	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/fault"
)

// fakeDevices keeps the account's devices in memory. What err says is returned by the next call.
type fakeDevices struct {
	mu        sync.Mutex
	bus       *event.Bus
	list      []devices.Device
	trouble   []devices.Trouble
	announced int
	err       error
	unread    error // why the list cannot be read the next time
}

func (f *fakeDevices) fail() error {
	err := f.err
	f.err = nil
	return err
}

func (f *fakeDevices) List(context.Context) ([]devices.Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.unread
	f.unread = nil
	return slices.Clone(f.list), err
}

func (f *fakeDevices) Announce(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.announced++
	return f.fail()
}

func (f *fakeDevices) Rename(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return err
	}
	f.list[0].Name = name
	return nil
}

// enable lets a device take part, or not any more.
func (f *fakeDevices) enable(id string, on bool) (devices.Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail(); err != nil {
		return devices.Device{}, err
	}
	for i := range f.list {
		if f.list[i].ID == id {
			f.list[i].Enabled = on
			f.bus.Publish(event.Event{Kind: event.Device, Name: id})
			return f.list[i], nil
		}
	}
	return devices.Device{}, fault.New(fault.NoSuchDevice, "That device is not known here.")
}

func (f *fakeDevices) Enable(_ context.Context, id string) (devices.Device, error) {
	return f.enable(id, true)
}
func (f *fakeDevices) Disable(_ context.Context, id string) (devices.Device, error) {
	return f.enable(id, false)
}

func (f *fakeDevices) Trouble(context.Context) []devices.Trouble {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.trouble
}

// appear adds a device and tells of it.
func (f *fakeDevices) appear(d devices.Device) {
	f.mu.Lock()
	f.list = append(f.list, d)
	f.mu.Unlock()
	f.bus.Publish(event.Event{Kind: event.Device, Name: d.ID})
}

// thisDevice is this computer.
var thisDevice = devices.Device{ID: "1", Name: "Desk at home", Kind: "desktop", This: true, Enabled: true}

// laptop is another device of the account.
func laptop(enabled bool) devices.Device {
	return devices.Device{ID: "2", Name: "Laptop", Kind: "desktop", Enabled: enabled, Heard: noon.AddDate(0, 0, -1), Code: "4711 0815 2042 9364 0007"}
}

// withDevices prepares an account with other devices beside this one.
func withDevices(list ...devices.Device) func(h *harness) {
	return func(h *harness) {
		inLobby(h)
		h.devices.list = append([]devices.Device{thisDevice}, list...)
	}
}

// inTrouble prepares an account whose other devices are not heard.
func inTrouble(h *harness) {
	withDevices()(h)
	h.devices.trouble = []devices.Trouble{
		{Text: "This computer is connected to nobody. What devices tell each other waits until it is.",
			Remedy: "Check the connection, or join a network that both devices use."},
		{Text: "No other device of this account was heard of. Another recovery phrase makes another account; this one has the key zQ3shP2mWsZYWgm1LyyTvdGGGCdBUNqUk4g9MSTjU7ceedQ3g.",
			Remedy: "Compare the key with the one that the other device shows. If it is the same, let both announce themselves."},
	}
}

// office takes part, and unnamed has only its keys known.
var (
	office  = devices.Device{ID: "3", Name: "Office", Kind: "desktop", Enabled: true, Heard: noon.Add(-3600e9), Code: "1111 2222 3333 4444 5555"}
	unnamed = devices.Device{ID: "4", Heard: noon.AddDate(0, 0, -9), Code: "0000 2222 3333 4444 5555"}
)
