package views

import (
	"fmt"
	"strings"
	"time"
)

// dayWords is a day in a sentence: today, yesterday, 12 November, or 12 November 2025.
func dayWords(t, now time.Time) string {
	t = t.In(now.Location())
	y, m, d := t.Date()
	ty, tm, td := now.Date()
	yy, ym, yd := now.AddDate(0, 0, -1).Date()
	switch {
	case y == ty && m == tm && d == td:
		return "today"
	case y == yy && m == ym && d == yd:
		return "yesterday"
	case y == ty:
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// pointWords is when something begins or ends, in a sentence: a time today, else the day.
func pointWords(t, now time.Time) string {
	if day := dayWords(t, now); day != "today" {
		return day
	}
	return t.In(now.Location()).Format("15:04")
}

// momentWords is when something was, in a sentence: at 12:30, yesterday at 12:30, on 12 November.
func momentWords(t, now time.Time) string {
	switch day := dayWords(t, now); day {
	case "today":
		return "at " + t.In(now.Location()).Format("15:04")
	case "yesterday":
		return "yesterday at " + t.In(now.Location()).Format("15:04")
	default:
		return "on " + day
	}
}

// during is how long something is kept, in a sentence.
func during(d time.Duration) string {
	const day = 24 * time.Hour
	switch days := int(d.Round(time.Hour) / day); {
	case days == 1:
		return "one day"
	case days > 1:
		return fmt.Sprintf("%d days", days)
	case d < 2*time.Hour:
		return "an hour"
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

// namesWords joins names as a sentence does.
func namesWords(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
