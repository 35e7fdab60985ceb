package secure

import (
	"fmt"
	"io"

	"github.com/google/uuid"
)

// NewInstallationID makes the id of a device's installation of an account: a random UUID (version 4), made once and kept.
// It fails only when random does.
func NewInstallationID(random io.Reader) (string, error) {
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		return "", fmt.Errorf("new installation id: %w", err)
	}
	return id.String(), nil
}
