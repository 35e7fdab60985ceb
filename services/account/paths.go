package account

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Paths are all the folders that Sotto uses on a computer. None of them need exist.
type Paths struct {
	Config  string // settings of the program
	Data    string // accounts and their databases
	State   string // logs
	Runtime string // the socket of the single instance; gone after a restart of the computer
}

// Accounts is the folder with one folder per account.
func (p Paths) Accounts() string { return filepath.Join(p.Data, "accounts") }

// Logs is the folder of log files.
func (p Paths) Logs() string { return filepath.Join(p.State, "logs") }

// DefaultPaths are the folders that this operating system keeps for programs: those of the XDG Base Directory
// Specification on Linux and the like, Application Support and Logs on macOS, AppData on Windows.
func DefaultPaths() (Paths, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Paths{}, fmt.Errorf("where to keep accounts: %w", err)
	}
	return locate(runtime.GOOS, home, os.TempDir(), os.Getenv), nil
}

// PathsUnder puts everything below one folder, for a second set of accounts beside the usual one.
func PathsUnder(folder string) Paths {
	return Paths{Config: folder, Data: folder, State: folder, Runtime: folder}
}

func locate(system, home, temp string, env func(string) string) Paths {
	switch system {
	case "windows":
		return windowsPaths(home, env)
	case "darwin":
		support := filepath.Join(home, "Library", "Application Support", "Sotto")
		return Paths{
			Config: support, Data: support,
			State:   filepath.Join(home, "Library", "Logs", "Sotto"),
			Runtime: filepath.Join(temp, "sotto"),
		}
	default:
		return xdgPaths(home, env)
	}
}

func windowsPaths(home string, env func(string) string) Paths {
	or := func(name, fallback string) string {
		if folder := env(name); filepath.IsAbs(folder) {
			return folder
		}
		return filepath.Join(home, "AppData", fallback)
	}
	local := filepath.Join(or("LOCALAPPDATA", "Local"), "Sotto")
	return Paths{Config: filepath.Join(or("APPDATA", "Roaming"), "Sotto"), Data: local, State: local, Runtime: local}
}

// xdgPaths ignores relative folders, as the specification asks. Without a runtime folder the state folder serves: unlike
// the one for temporary files it is the person's own.
func xdgPaths(home string, env func(string) string) Paths {
	or := func(name, fallback string) string {
		if folder := env(name); filepath.IsAbs(folder) {
			return filepath.Join(folder, "sotto")
		}
		return filepath.Join(fallback, "sotto")
	}
	return Paths{
		Config:  or("XDG_CONFIG_HOME", filepath.Join(home, ".config")),
		Data:    or("XDG_DATA_HOME", filepath.Join(home, ".local", "share")),
		State:   or("XDG_STATE_HOME", filepath.Join(home, ".local", "state")),
		Runtime: or("XDG_RUNTIME_DIR", filepath.Join(home, ".local", "state")),
	}
}
