package app

import (
	"io"
	"log/slog"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// openLog returns the program's log: JSON lines in a file of at most 5 MB, three of which are kept.
func openLog(dir string) (*slog.Logger, io.Closer) {
	file := &lumberjack.Logger{Filename: filepath.Join(dir, "sotto.log"), MaxSize: 5, MaxBackups: 3}
	return slog.New(slog.NewJSONHandler(file, nil)), file
}
