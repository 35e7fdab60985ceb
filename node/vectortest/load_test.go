package vectortest

import (
	"os"
	"path/filepath"
	"testing"
)

// write puts a vector file into a folder of its own and makes that the folder in force.
func write(t *testing.T, content string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "some.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOTTO_VECTORS", dir)
}

func TestLoadReadsTheSection(t *testing.T) {
	write(t, `{"numbers": [1, 2], "notes": "n"}`)
	var got []int
	Load(t, "some.json", "numbers", &got)
	if len(got) != 2 || got[1] != 2 {
		t.Fatalf("got %v", got)
	}
}

func TestLoadSkipsWhatIsAbsent(t *testing.T) {
	write(t, `{"numbers": [1, 2]}`)
	for _, c := range []struct{ name, file, section string }{
		{"file", "other.json", "numbers"},
		{"section", "some.json", "letters"},
	} {
		var inner *testing.T
		t.Run(c.name, func(t *testing.T) {
			inner = t
			var v any
			Load(t, c.file, c.section, &v)
			t.Error("Load went on")
		})
		if !inner.Skipped() {
			t.Errorf("%s: not skipped", c.name)
		}
	}
}

func TestDirIsTheRepositorysOwn(t *testing.T) {
	t.Setenv("SOTTO_VECTORS", "")
	if _, err := os.Stat(filepath.Join(Dir(), "whisper.json")); err != nil {
		t.Fatal(err)
	}
}

func TestSectionsRefusesWhatIsNotAnObject(t *testing.T) {
	write(t, `[1]`)
	if _, err := Sections("some.json"); err == nil {
		t.Fatal("an array passed as a vector file")
	}
}

func TestTableNamesNoSectionTwice(t *testing.T) {
	for file, sections := range Table {
		if filepath.Ext(file) != ".json" || len(sections) == 0 {
			t.Errorf("odd row %q", file)
		}
		for section, readers := range sections {
			if len(readers) == 0 {
				t.Errorf("%s %s: nobody reads it and it is not Later", file, section)
			}
		}
	}
}
