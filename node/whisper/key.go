package whisper

import (
	"crypto/sha256"
	"fmt"
	"log/slog"

	"golang.org/x/crypto/pbkdf2"
)

// symKeyRounds is what every deployed client derives with. It is no power of two and stands in no specification.
const symKeyRounds = 65356

// SymKey is an AES-256 key that everybody who knows a chat's name or a negotiated secret shares.
type SymKey [32]byte

// SymKeyOf derives the key that a password stands for: PBKDF2-HMAC-SHA-256 with an empty salt
// (Status spec 3/WHISPER-USAGE). It takes 12 to 18 ms, so callers keep the result.
func SymKeyOf(password string) SymKey {
	return SymKey(pbkdf2.Key([]byte(password), nil, symKeyRounds, len(SymKey{}), sha256.New))
}

// Format keeps the key out of whatever is printed, with any verb.
func (SymKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue keeps the key out of structured logs.
func (SymKey) LogValue() slog.Value { return slog.StringValue(redacted) }

const redacted = "[symmetric key]"
