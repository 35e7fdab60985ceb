// Package debian has the tests of the package that build makes.
package debian

import (
	"bufio"
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const maintainer = "Ada & Co. O'Neill/x <ada@example.org>" // characters that a shell or an editor of streams might take for something

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestThePackage builds the Debian package, looks at what is in it, and runs what it installs.
func TestThePackage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the whole program anew")
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not installed")
	}
	dir := t.TempDir()
	t.Setenv("DEB_MAINTAINER", maintainer)
	t.Setenv("DEB_LEVEL", "1") // all else takes half a minute
	output(t, "./build", "1.2.3", runtime.GOARCH, dir)
	deb := filepath.Join(dir, "sottod_1.2.3_"+runtime.GOARCH+".deb")
	t.Run("files", func(t *testing.T) { lookAtFiles(t, deb) })
	root := filepath.Join(dir, "root")
	output(t, "dpkg-deb", "--extract", deb, root)
	program := filepath.Join(root, "usr/bin/sottod")
	t.Run("static", func(t *testing.T) { isStatic(t, program) })
	t.Run("runs", func(t *testing.T) {
		if got := output(t, program, "version"); !strings.HasPrefix(got, "sottod 1.2.3") {
			t.Errorf("it says %q", got)
		}
		runsARelay(t, program)
	})
	t.Run("unit", func(t *testing.T) {
		verifyUnit(t, filepath.Join(root, "usr/lib/systemd/system/sottod-relay.service"), program)
	})
	t.Run("settings", func(t *testing.T) { lookAtSettings(t, filepath.Join(root, "etc/default/sottod-relay")) })
	t.Run("lintian", func(t *testing.T) {
		if _, err := exec.LookPath("lintian"); err != nil {
			t.Skip("lintian is not installed")
		}
		output(t, "lintian", "--allow-root", "--fail-on", "error,warning", deb)
	})
}

// output wants a command to succeed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, &out, &errs)
	}
	return out.String()
}

func lookAtFiles(t *testing.T, deb string) {
	list := output(t, "dpkg-deb", "--contents", deb)
	for _, file := range []string{
		"usr/bin/sottod", "usr/lib/systemd/system/sottod-relay.service", "etc/default/sottod-relay", "usr/share/doc/sottod/copyright",
		"usr/share/doc/sottod/running-a-network.md.gz", "usr/share/doc/sottod/libraries.gz", "usr/share/man/man1/sottod.1.gz",
	} {
		if !strings.Contains(list, " ./"+file+"\n") {
			t.Errorf("%s is not in it", file)
		}
	}
	for line := range strings.Lines(list) {
		if !strings.Contains(line, " root/root ") {
			t.Errorf("not root's: %s", line)
		}
	}
	if got := output(t, "dpkg-deb", "--info", deb, "conffiles"); got != "/etc/default/sottod-relay\n" {
		t.Errorf("settings that an upgrade would overwrite: %q", got)
	}
	control := output(t, "dpkg-deb", "--field", deb)
	for _, want := range []string{"Package: sottod\n", "Version: 1.2.3\n", "Architecture: " + runtime.GOARCH + "\n", "Maintainer: " + maintainer + "\n"} {
		if !strings.Contains(control, want) {
			t.Errorf("%q is not in %s", want, control)
		}
	}
}

// TestMaintainersThatAreNone: what would make a package without, or one with further fields, is refused before anything is built.
func TestMaintainersThatAreNone(t *testing.T) {
	for _, none := range []string{"ada", "ada@example.org", "<ada@example.org>", "Ada <ada>", "Ada <a@b>\nDepends: x <c@d>", "Ada <a b@c>", " <a@b>"} {
		cmd := exec.CommandContext(t.Context(), "./build", "1.2.3", runtime.GOARCH, t.TempDir())
		cmd.Env = append(os.Environ(), "DEB_MAINTAINER="+none)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 2 || !strings.Contains(errs.String(), "DEB_MAINTAINER") {
			t.Errorf("%q: %v %s", none, err, &errs)
		}
	}
}

// runsARelay starts one and ends it.
func runsARelay(t *testing.T, program string) {
	cmd := exec.CommandContext(t.Context(), program, "relay", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, `"invite":"sotto:join?`) {
		t.Errorf("it says %q, %v", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// isStatic wants a program that needs no loader and no library (make relay builds the same way).
func isStatic(t *testing.T, program string) {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it has a segment %v", p.Type)
		}
	}
	if libraries, err := f.ImportedLibraries(); len(libraries) > 0 {
		t.Errorf("it needs %v, %v", libraries, err)
	}
}

// verifyUnit lets systemd judge the unit with the program in its place. Its exposure is a number of which 0 is the best.
func verifyUnit(t *testing.T, unit, program string) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	here := filepath.Join(t.TempDir(), "sottod-relay.service")
	text := regexp.MustCompile(`(?m)^ExecStart=\S+`).ReplaceAllString(readFile(t, unit), "ExecStart="+program)
	text = strings.Replace(text, "Documentation=man:sottod(1)\n", "", 1) // the page is not installed here
	if err := os.WriteFile(here, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	output(t, "systemd-analyze", "verify", here)
	output(t, "systemd-analyze", "security", "--offline=true", "--threshold=15", here)
}

// TestTheUnit: the one that the repository has, with the directives that harden it.
func TestTheUnit(t *testing.T) {
	const unit = "../../../docs/sottod-relay.service"
	text := readFile(t, unit)
	for _, directive := range []string{
		"Type=notify", "WatchdogSec=60", "StateDirectory=sottod-relay", "DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict",
		"PrivateTmp=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes",
		"MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "CapabilityBoundingSet=", "EnvironmentFile=-/etc/default/sottod-relay",
	} {
		if !slices.Contains(strings.Split(text, "\n"), directive) {
			t.Errorf("the unit lacks %s", directive)
		}
	}
	program, err := os.Executable() // anything that can be executed
	if err != nil {
		t.Fatal(err)
	}
	verifyUnit(t, unit, program)
}

// lookAtSettings reads the file as systemd does: every variable that the unit's command line uses, and nothing unknown.
func lookAtSettings(t *testing.T, file string) {
	unit := readFile(t, "../../../docs/sottod-relay.service")
	variable := regexp.MustCompile(`(?m)^#? ?(SOTTOD_[A-Z]+)=`)
	var told []string
	for _, found := range variable.FindAllStringSubmatch(readFile(t, file), -1) {
		told = append(told, found[1])
		if !strings.Contains(unit, found[1]) && found[1] != "SOTTOD_ARCHIVE" {
			t.Errorf("%s is set and not used", found[1])
		}
	}
	for _, found := range regexp.MustCompile(`\$\{?(SOTTOD_[A-Z]+)`).FindAllStringSubmatch(unit, -1) {
		if !slices.Contains(told, found[1]) {
			t.Errorf("%s is used and not told of", found[1])
		}
	}
}
