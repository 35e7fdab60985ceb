package views

import (
	"fmt"
	"strings"
	"time"

	"sotto/services/network"
)

// standing is the network's state as a sentence.
func standing(s network.Status) string {
	switch {
	case s.State == network.Online && len(s.Peers) == 1:
		return "You are connected to one peer."
	case s.State == network.Online:
		return fmt.Sprintf("You are connected to %d peers.", len(s.Peers))
	case s.State == network.Connecting && len(s.Known) == 0 && s.Network == "":
		return "You know no node yet. Join a network, or connect to a node whose address you were given."
	case s.State == network.Connecting:
		return "Connecting. Messages that you write now are sent when a peer answers."
	default:
		return "There is no way out of this computer. Messages that you write now are sent when there is one."
	}
}

func peerLine(p network.Peer) string {
	line := "You connected to it"
	if p.Inbound {
		line = "It connected to you"
	}
	if p.RTT > 0 {
		line += fmt.Sprintf(" · %d ms", p.RTT.Milliseconds())
	}
	if p.Name != "" {
		line += " · " + p.Name
	}
	return line
}

// peerTraffic is what went over the wire to and from a peer since it is connected; empty where nothing did.
func peerTraffic(p network.Peer) string {
	if p.BytesIn == 0 && p.BytesOut == 0 {
		return ""
	}
	return sizeWords(p.BytesIn) + " in · " + sizeWords(p.BytesOut) + " out"
}

// nodeID is the part of an enode URL that names the node, whatever address it has.
func nodeID(enode string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(enode, "enode://"), "@")
	return id
}

// usualPort is where nodes listen unless somebody chose otherwise; it is not worth the room.
const usualPort = ":30303"

// shortEnode keeps the beginning of the node's key and its address.
func shortEnode(enode string) string {
	id := nodeID(enode)
	_, address, _ := strings.Cut(enode, "@")
	address, _, _ = strings.Cut(address, "?")
	return id[:min(8, len(id))] + "… at " + strings.TrimSuffix(address, usualPort)
}

func clock(s network.Status) string {
	switch off := s.ClockOffset.Round(time.Second); {
	case len(s.Peers) == 0:
		return "There is no peer yet to compare your clock with."
	case off > 0:
		return "Your clock is " + span(off) + " behind your peers'."
	case off < 0:
		return "Your clock is " + span(-off) + " ahead of your peers'."
	default:
		return "Your clock agrees with your peers', as far as they tell."
	}
}

// span is a duration in words.
func span(d time.Duration) string {
	switch {
	case d == time.Second:
		return "one second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	default:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
}

// sinceStart is what the envelopes of this run cost.
func sinceStart(t network.Traffic) string {
	in := t.Useful + t.Duplicate + t.Unwanted + t.Refused
	return fmt.Sprintf("Since the start %s in and %s out. Of what came in, %s was for you, %s passed through, %s came twice, %s was refused.",
		sizeWords(in), sizeWords(t.Out), sizeWords(t.Useful), sizeWords(t.Unwanted), sizeWords(t.Duplicate), sizeWords(t.Refused))
}

// received says how much of the network's traffic comes in, and why.
func received(s network.Status) string {
	sentence := "Only what concerns you is received, and some besides. "
	if s.Everything {
		sentence = "Everything is received, so that nobody learns what you read. "
	}
	switch {
	case s.Receive != network.ReceiveAutomatic:
		sentence += "You chose this in the settings."
	case s.Everything:
		sentence += "When a day has cost " + sizeWords(uint64(max(s.Budget, 0))) + ", only what concerns you is."
	default:
		sentence += "Today has cost more than " + sizeWords(uint64(max(s.Budget, 0))) + ". Your peers learn a little about what you read."
	}
	if s.StaticOnly {
		sentence += " Only nodes that you added, or that your network names, are connected."
	}
	return sentence
}

// roleWords are what a node does, in words.
func roleWords(roles []string) string {
	var words []string
	for _, r := range roles {
		switch r {
		case "relay":
			words = append(words, "relay")
		case "mail":
			words = append(words, "mailserver")
		case "boot":
			words = append(words, "boot node")
		}
	}
	return strings.Join(words, ", ")
}

func sizeWords(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
