package account

import (
	"path/filepath"
	"testing"
)

func TestPathsByOperatingSystem(t *testing.T) {
	none := func(string) string { return "" }
	xdg := map[string]string{
		"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "relative", "XDG_RUNTIME_DIR": "/run/user/7",
	}
	cases := []struct {
		name, system string
		env          func(string) string
		want         Paths
	}{
		{"linux", "linux", none, Paths{
			Config: "/home/k/.config/sotto", Data: "/home/k/.local/share/sotto",
			State: "/home/k/.local/state/sotto", Runtime: "/home/k/.local/state/sotto",
		}},
		{"linux with variables", "linux", func(n string) string { return xdg[n] }, Paths{
			Config: "/c/sotto", Data: "/d/sotto", State: "/home/k/.local/state/sotto", Runtime: "/run/user/7/sotto",
		}},
		{"macOS", "darwin", none, Paths{
			Config: "/home/k/Library/Application Support/Sotto", Data: "/home/k/Library/Application Support/Sotto",
			State: "/home/k/Library/Logs/Sotto", Runtime: "/tmp/sotto",
		}},
		{"windows", "windows", none, Paths{
			Config: "/home/k/AppData/Roaming/Sotto", Data: "/home/k/AppData/Local/Sotto",
			State: "/home/k/AppData/Local/Sotto", Runtime: "/home/k/AppData/Local/Sotto",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := locate(c.system, "/home/k", "/tmp", c.env); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestPathsUnderOneFolder(t *testing.T) {
	p := PathsUnder("/x")
	if p.Accounts() != filepath.Join("/x", "accounts") || p.Logs() != filepath.Join("/x", "logs") {
		t.Errorf("got %+v", p)
	}
}

func TestDefaultPathsAreAbsolute(t *testing.T) {
	p, err := DefaultPaths()
	must(t, err)
	for _, folder := range []string{p.Config, p.Data, p.State, p.Runtime} {
		if !filepath.IsAbs(folder) {
			t.Errorf("%q", folder)
		}
	}
}
