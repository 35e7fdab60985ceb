package whisper

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestKeysDoNotPrint tries every way that a key could reach a log by accident.
func TestKeysDoNotPrint(t *testing.T) {
	key := SymKeyOf("secret")
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", key)
		fmt.Fprintf(&out, verb+"\n", &key)
		fmt.Fprintf(&out, verb+"\n", SealParams{SymKey: &key})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", key, "pointer", &key)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "key", key, "pointer", &key)
	fmt.Fprintln(&out, errors.New(fmt.Sprint(key)))
	plain := strings.ToLower(out.String())
	for _, form := range []string{hex.EncodeToString(key[:4]), fmt.Sprintf("%d %d", key[0], key[1]), fmt.Sprintf("%d,%d", key[0], key[1])} {
		if strings.Contains(plain, form) {
			t.Errorf("the key shows as %q", form)
		}
	}
}
