package views

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	listRest = time.Millisecond
	gapsRest = time.Millisecond
	lookingFor = time.Millisecond
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}
