package sidebar

import "time"

// When is a moment as the list shows it: the time today, then the day, then the date.
func When(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case at.After(now.AddDate(0, 0, 1)):
		return at.Format("2 Jan 2006") // a clock far ahead: say what it claims
	case !at.Before(today):
		return at.Format("15:04")
	case !at.Before(today.AddDate(0, 0, -1)):
		return "Yest."
	case !at.Before(today.AddDate(0, 0, -6)):
		return at.Format("Mon")
	case at.Year() == now.Year():
		return at.Format("2 Jan")
	default:
		return at.Format("2 Jan 2006")
	}
}
