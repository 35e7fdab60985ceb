package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// archiveVariable is the environment's variable that says where the archive is, for whom a flag is too public.
const archiveVariable = "SOTTOD_ARCHIVE"

// The bounds of what a mailserver keeps.
const (
	defaultRetention = 30 * 24 * time.Hour
	minRetention     = time.Hour
	maxRetention     = 3650 * 24 * time.Hour
	maxSecretFile    = 4096 // bytes of a file with a password or a DSN
)

// mailFlags say what the mailserver keeps, where, and for whom.
type mailFlags struct {
	archive, archiveFile string
	retention            retention
	bytes                size
	passwordFile         string
	allow                []string
}

func (m *mailFlags) define(fs *flag.FlagSet) {
	m.retention = retention(defaultRetention)
	fs.StringVar(&m.archive, "archive", "", "")
	fs.StringVar(&m.archiveFile, "archive-file", "", "")
	fs.Var(&m.retention, "retention", "")
	fs.Var(&m.bytes, "archive-bytes", "")
	fs.StringVar(&m.passwordFile, "mail-password-file", "", "")
	fs.Func("mail-allow", "", enodes(&m.allow))
}

// checkMail refuses flags of a role that was switched off: whoever gives them expects something of them.
func (f *relayFlags) checkMail(fs *flag.FlagSet) error {
	of := []string{"archive", "archive-file", "retention", "archive-bytes", "mail-password-file", "mail-allow"}
	var given []string
	fs.Visit(func(g *flag.Flag) {
		if slices.Contains(of, g.Name) {
			given = append(given, "--"+g.Name)
		}
	})
	switch {
	case f.noMail && len(given) > 0:
		return fmt.Errorf("%s means nothing with --no-mail", given[0])
	case f.mail.archive != "" && f.mail.archiveFile != "":
		return errors.New("the archive comes from --archive or from --archive-file, not from both")
	}
	return nil
}

// where is the archive: what a flag says, the file that a flag names, the environment, or a file in the data folder. It
// may hold a password: it goes to the archive and nowhere else.
func (m *mailFlags) where(data string) (string, error) {
	switch {
	case m.archive != "":
		return m.archive, nil
	case m.archiveFile != "":
		where, err := readSecret(m.archiveFile)
		if err != nil {
			return "", fmt.Errorf("--archive-file: %w", err)
		}
		return where, nil
	case os.Getenv(archiveVariable) != "":
		return os.Getenv(archiveVariable), nil
	}
	return filepath.Join(data, "archive.db"), nil
}

// password is what requests are encrypted with; empty: what every client knows.
func (m *mailFlags) password() (string, error) {
	if m.passwordFile == "" {
		return "", nil
	}
	password, err := readSecret(m.passwordFile)
	if err != nil {
		return "", fmt.Errorf("--mail-password-file: %w", err)
	}
	return password, nil
}

// readSecret is the first line of a small file, which must not be empty.
func readSecret(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	line = strings.TrimSpace(line)
	if line == "" || len(b) > maxSecretFile {
		return "", fmt.Errorf("the first line of %s is empty, or the file is longer than %d bytes", file, maxSecretFile)
	}
	return line, nil
}

// openPassword tells whether a DSN has a password in it, as everybody may then read it in the list of processes.
func openPassword(where string) bool {
	u, err := url.Parse(where)
	if err != nil {
		return strings.Contains(where, "://")
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// retention is a flag's time in days or hours.
type retention time.Duration

func (r *retention) String() string { return time.Duration(*r).String() }

// Set implements flag.Value.
func (r *retention) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			return errors.New("a number of days, such as 30d, or of hours, such as 12h")
		}
		text = strconv.Itoa(min(max(n, 0), 100_000)*24) + "h"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("a number of days, such as 30d, or of hours, such as 12h")
	}
	if d < minRetention || d > maxRetention {
		return errors.New("from 1h to 3650d")
	}
	*r = retention(d)
	return nil
}

// size is a flag's number of bytes, with one of the letters k, M, G and T for 2 to the power of 10, 20, 30 and 40.
type size int64

func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

// Set implements flag.Value.
func (s *size) Set(text string) error {
	factor := int64(1)
	if i := strings.IndexAny(text, "kKMGT"); i > 0 && i == len(text)-1 {
		factor = map[byte]int64{'k': 1 << 10, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40}[text[i]]
		text = text[:i]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > (1<<50)/factor {
		return errors.New("a number of bytes, such as 20G")
	}
	*s = size(n * factor)
	return nil
}
