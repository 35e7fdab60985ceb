package main

import (
	"context"
	"slices"

	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/fault"
)

type deviceObject struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	This    bool   `json:"this"`
	Enabled bool   `json:"enabled"`
	Heard   *int64 `json:"heard"` // null: never, as of this one
	Code    string `json:"code,omitempty"`
}

func objectOfDevice(d devices.Device) deviceObject {
	o := deviceObject{ID: d.ID, Name: d.Name, Kind: d.Kind, This: d.This, Enabled: d.Enabled, Code: d.Code}
	if !d.Heard.IsZero() {
		at := d.Heard.UnixMilli()
		o.Heard = &at
	}
	return o
}

type deviceEvent struct {
	Seq    uint64       `json:"seq"`
	Device deviceObject `json:"device"`
}

func (s *server) describeDevice(ctx context.Context, e event.Event) (any, error) {
	list, err := s.Devices.List(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(d devices.Device) bool { return d.ID == e.Name })
	if at < 0 {
		return nil, errNoEvent
	}
	return deviceEvent{e.Seq, objectOfDevice(list[at])}, nil
}

func listDevices(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Devices.List(ctx)
	return objectsOfDevices(list), err
}

func objectsOfDevices(list []devices.Device) []deviceObject {
	objects := make([]deviceObject, 0, len(list))
	for _, d := range list {
		objects = append(objects, objectOfDevice(d))
	}
	return objects
}

// announceDevice answers with the devices that are known, as the other calls do with theirs.
func announceDevice(ctx context.Context, s *server, _ none) (any, error) {
	if err := s.Devices.Announce(ctx); err != nil {
		return nil, err
	}
	return listDevices(ctx, s, none{})
}

type deviceNameParams struct {
	Name *string `json:"name"`
}

func renameDevice(ctx context.Context, s *server, p deviceNameParams) (any, error) {
	if p.Name == nil {
		return nil, fault.New(fault.BadName, "Type a name for this device.")
	}
	if err := s.Devices.Rename(ctx, *p.Name); err != nil {
		return nil, err
	}
	return listDevices(ctx, s, none{})
}

// deviceCall is a method about one device. It answers with all of them: whether one takes part has to do with the others.
func deviceCall(call func(*devices.Service, context.Context, string) (devices.Device, error)) method {
	return bind(func(ctx context.Context, s *server, p idParams) (any, error) {
		if _, err := call(s.Devices, ctx, p.ID); err != nil {
			return nil, err
		}
		return listDevices(ctx, s, none{})
	}, "id")
}

type troubleObject struct {
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

func deviceTrouble(ctx context.Context, s *server, _ none) (any, error) {
	objects := []troubleObject{}
	for _, t := range s.Devices.Trouble(ctx) {
		objects = append(objects, troubleObject(t))
	}
	return objects, nil
}
