package message

import (
	"time"

	"sotto/services/chats"
)

// grouping is how close one person's messages follow each other under one header.
const grouping = 5 * time.Minute

// shape is what a row shows besides its message, decided by what stands above it.
type shape struct {
	day    bool // a line with the day
	unread bool // the "new messages" line
	header bool // picture, name and time

	gap   string // what may be missing above it, empty where nothing is
	after string // the same below the last message
}

// shapeOf looks at a message and the one above it (nil at the chat's beginning).
func shapeOf(above *chats.Message, m *chats.Message, unread bool, zone *time.Location) shape {
	if above == nil {
		return shape{day: true, unread: unread, header: !m.System}
	}
	s := shape{unread: unread, day: day(m.Timestamp, zone).After(day(above.Timestamp, zone))}
	gap := m.Timestamp.Sub(above.Timestamp)
	if m.System {
		return s
	}
	s.header = s.day || s.unread || above.System || above.Author.Key != m.Author.Key || gap < -grouping || gap > grouping ||
		(above.Unsupported != "") != (m.Unsupported != "")
	return s
}

// day is the midnight that begins the day of t.
func day(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// DayName is how a day is called: Today, Yesterday, the weekday within the last week, or its date.
func DayName(t, now time.Time) string {
	zone := now.Location()
	d, today := day(t, zone), day(now, zone)
	switch {
	case !plausible(t):
		return "Unknown day"
	case d.Equal(today):
		return "Today"
	case d.Equal(today.AddDate(0, 0, -1)):
		return "Yesterday"
	case d.Before(today) && d.After(today.AddDate(0, 0, -7)):
		return d.Format("Monday")
	case d.Year() == today.Year():
		return d.Format("Monday 2 January")
	}
	return d.Format("2 January 2006")
}

// clockTime is the time of day, empty for a date that nobody can have meant.
func clockTime(t time.Time, zone *time.Location) string {
	if !plausible(t) {
		return ""
	}
	return t.In(zone).Format("15:04")
}

// plausible keeps the dates of broken or playful clocks out of the window's words.
func plausible(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 3000 }
