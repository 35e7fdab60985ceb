package modelstest

import (
	"encoding/hex"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// Integrity lets the engine look through a whole database that nobody has open now.
func Integrity(path string, key [32]byte) (err error) {
	db, err := driver.Open("file:"+path+"?vfs=sotto", func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "'")
	})
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	return nil
}
