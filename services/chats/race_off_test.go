//go:build !race

package chats

const raceEnabled = false
