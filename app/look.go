package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sotto/views/theme"
)

// look remembers the chosen colours in a small file of settings that hold for all accounts of a folder.
type look struct {
	path  string
	mode  theme.Mode
	apply func(theme.Mode)
}

// settingsFile is what the file holds.
type settingsFile struct {
	Theme theme.Mode `json:"theme"`
}

// loadLook reads the choice; a file that is missing or broken means no choice. forced, when not empty, is shown instead
// and not written.
func loadLook(dir, forced string, apply func(theme.Mode)) *look {
	l := &look{path: filepath.Join(dir, "settings.json"), mode: theme.System, apply: apply}
	var kept settingsFile
	if data, err := os.ReadFile(l.path); err == nil && json.Unmarshal(data, &kept) == nil {
		l.mode = theme.ParseMode(string(kept.Theme))
	}
	if forced != "" {
		l.mode = theme.ParseMode(forced)
	}
	apply(l.mode)
	return l
}

// Mode implements views.Look.
func (l *look) Mode() theme.Mode { return l.mode }

// SetMode implements views.Look.
func (l *look) SetMode(mode theme.Mode) error {
	l.mode = mode
	l.apply(mode)
	data, err := json.Marshal(settingsFile{Theme: mode})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	part := l.path + ".part"
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	if err := os.Rename(part, l.path); err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	return nil
}
