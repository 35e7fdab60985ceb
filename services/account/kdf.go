package account

import (
	"errors"
	"runtime/debug"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// KDF is how hard a password is to guess: the parameters of Argon2id (RFC 9106). They are stored in the slot that they
// protect, so that a later release can raise them. The zero value means DefaultKDF.
type KDF struct {
	Time    uint32 `json:"time"`    // passes, 1 to 16
	Memory  uint32 `json:"memory"`  // KiB, 8 per thread to 1,048,576
	Threads uint8  `json:"threads"` // 1 to 16
}

// DefaultKDF takes about three quarters of a second and 256 MiB on a machine of 2026.
var DefaultKDF = KDF{Time: 3, Memory: 256 << 10, Threads: 4}

const (
	maxKDFTime    = 16
	maxKDFMemory  = 1 << 20
	maxKDFThreads = 16

	largeKDF = 64 << 10 // KiB
)

var errKDF = errors.New("password parameters out of bounds")

// check refuses parameters that a damaged or hostile vault could use to exhaust this computer.
func (k KDF) check() error {
	switch {
	case k.Threads < 1 || k.Threads > maxKDFThreads,
		k.Time < 1 || k.Time > maxKDFTime,
		k.Memory < 8*uint32(k.Threads) || k.Memory > maxKDFMemory:
		return errKDF
	}
	return nil
}

// key derives 32 bytes. The password is normalised first, since keyboards differ in how they compose letters.
func (k KDF) key(password string, salt []byte) []byte {
	if k.Memory >= largeKDF {
		defer debug.FreeOSMemory() // or the process keeps the memory for minutes
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, k.Time, k.Memory, k.Threads, keySize)
}
