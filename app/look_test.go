package app

import (
	"os"
	"path/filepath"
	"testing"

	"sotto/views/theme"
)

func TestLookIsRemembered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config")
	var shown []theme.Mode
	apply := func(m theme.Mode) { shown = append(shown, m) }
	l := loadLook(dir, "", apply)
	if l.Mode() != theme.System {
		t.Errorf("without a choice the mode is %q", l.Mode())
	}
	if err := l.SetMode(theme.Dark); err != nil {
		t.Fatal(err)
	}
	if again := loadLook(dir, "", apply); again.Mode() != theme.Dark {
		t.Errorf("the next start shows %q", again.Mode())
	}
	if forced := loadLook(dir, "light", apply); forced.Mode() != theme.Light {
		t.Errorf("a forced start shows %q", forced.Mode())
	}
	want := []theme.Mode{theme.System, theme.Dark, theme.Dark, theme.Light}
	for i, mode := range want {
		if shown[i] != mode {
			t.Fatalf("applied %v, want %v", shown, want)
		}
	}
}

func TestABrokenSettingsFileIsNoChoice(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(`{"theme":"da`), 0o600); err != nil {
		t.Fatal(err)
	}
	if l := loadLook(dir, "", func(theme.Mode) {}); l.Mode() != theme.System {
		t.Errorf("the mode is %q", l.Mode())
	}
}

func TestAChoiceThatCannotBeKeptHolds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := loadLook(filepath.Join(file, "below"), "", func(theme.Mode) {})
	if err := l.SetMode(theme.Dark); err == nil {
		t.Error("no error from a folder that cannot be")
	}
	if l.Mode() != theme.Dark {
		t.Errorf("the mode is %q", l.Mode())
	}
}
