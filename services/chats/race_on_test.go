//go:build race

package chats

const raceEnabled = true
