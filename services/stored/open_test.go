package stored

import (
	"errors"
	"testing"

	"sotto/models"
	"sotto/services/fault"
)

func TestOpen(t *testing.T) {
	var o Open[int]
	never := func(*int) error { t.Error("it ran"); return nil }
	if err := o.With(never); fault.CodeOf(err) != fault.Locked {
		t.Errorf("before: %v", err)
	}
	one := 1
	o.Attach(&one)
	if err := o.With(func(n *int) error { *n++; return nil }); err != nil || one != 2 {
		t.Errorf("%d, %v", one, err)
	}
	if err := o.With(func(*int) error { return models.ErrDiskFull }); fault.CodeOf(err) != fault.StorageProblem || !errors.Is(err, models.ErrDiskFull) {
		t.Errorf("of the store: %v", err)
	}
	o.Detach()
	if err := o.With(never); fault.CodeOf(err) != fault.Locked {
		t.Errorf("after: %v", err)
	}
}
