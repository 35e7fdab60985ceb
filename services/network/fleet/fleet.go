package fleet

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"sotto/node/overlay"
	"sotto/services/fault"
	"sotto/services/invite"
)

// Bounds of a network file.
const (
	MaxFile   = 1 << 20 // bytes
	MaxFleets = 64
)

// The groups of a fleet that Sotto knows, by role.
var groups = []struct {
	name string
	role invite.Role
}{{"boot", invite.Boot}, {"mail", invite.Mail}, {"whisper", invite.Relay}}

// What Parse says no with.
var (
	errNoFile = fault.New(fault.BadLink, "This is no network file. One is JSON with fleets in it.")
	errLarge  = fault.New(fault.BadLink, "This file is too large to be a network file.")
	errMany   = fault.New(fault.BadLink, "This network file has more than 64 fleets. Split it.")
	errNode   = fault.New(fault.BadLink, "This network file names a node that cannot be. Ask for another one.")
	errNobody = fault.New(fault.BadLink, "This network file names no node that Sotto can connect to.")
)

// Fleet is the nodes of one network.
type Fleet struct {
	Name   string
	Groups map[string]json.RawMessage // as they are in the file, by name
}

// file is a whole file.
type file struct {
	Fleets map[string]map[string]json.RawMessage `json:"fleets"`
	Meta   *meta                                 `json:"meta,omitempty"`
}

type meta struct {
	Hostname  string `json:"hostname"`
	Timestamp string `json:"timestamp"`
}

// Parse reads a network file and lists its fleets by name, those that have a node in a group that is known. The errors are
// faults with the code bad_link.
func Parse(data []byte) ([]Fleet, error) {
	if len(data) > MaxFile {
		return nil, errLarge
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil || f.Fleets == nil {
		return nil, errNoFile
	}
	if len(f.Fleets) > MaxFleets {
		return nil, errMany
	}
	var list []Fleet
	for name, groups := range f.Fleets {
		fleet := Fleet{Name: name, Groups: groups}
		nodes, err := fleet.Nodes()
		if err != nil {
			return nil, err
		}
		if len(nodes) > 0 {
			list = append(list, fleet)
		}
	}
	if len(list) == 0 {
		return nil, errNobody
	}
	slices.SortFunc(list, func(a, b Fleet) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Nodes are the nodes of the groups that are known, each once with all its roles, by group and host.
func (f Fleet) Nodes() (nodes []invite.Node, err error) {
	for _, group := range groups {
		hosts, err := f.hosts(group.name)
		if err != nil {
			return nil, err
		}
		for _, host := range sorted(hosts) {
			url := hosts[host]
			if _, err := overlay.ParseEnode(url); err != nil {
				return nil, errNode
			}
			at := slices.IndexFunc(nodes, func(n invite.Node) bool { return n.Enode == url })
			if at < 0 {
				at = len(nodes)
				nodes = append(nodes, invite.Node{Enode: url})
			}
			nodes[at].Roles |= group.role
		}
	}
	return nodes, nil
}

// With is the fleet with these nodes in the groups that are known, instead of those that it has; a node that it has under the
// same key keeps what its host is called. Other groups stay. A node without a role is taken for a relay.
func (f Fleet) With(nodes []invite.Node) Fleet {
	kept := Fleet{Name: f.Name, Groups: make(map[string]json.RawMessage)}
	for name, group := range f.Groups {
		kept.Groups[name] = group
	}
	for _, group := range groups {
		called, hosts := f.names(group.name), make(map[string]string)
		for _, n := range nodes {
			if n.Roles&group.role != 0 || n.Roles == 0 && group.role == invite.Relay {
				hosts[free(hosts, nameOf(called, n.Enode))] = n.Enode
			}
		}
		delete(kept.Groups, group.name)
		if len(hosts) > 0 {
			kept.Groups[group.name], _ = json.Marshal(hosts) // texts always can
		}
	}
	return kept
}

// Encode is the network file of one fleet, made at a time.
func (f Fleet) Encode(at time.Time) ([]byte, error) {
	all := file{
		Fleets: map[string]map[string]json.RawMessage{f.Name: f.Groups},
		Meta:   &meta{Hostname: "sotto", Timestamp: at.UTC().Format(time.RFC3339)}, // the name of a person's computer is nobody's business
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(all)
	return b.Bytes(), err
}

func (f Fleet) hosts(group string) (hosts map[string]string, err error) {
	raw, ok := f.Groups[group]
	if !ok {
		return nil, nil
	}
	if json.Unmarshal(raw, &hosts) != nil {
		return nil, errNoFile
	}
	return hosts, nil
}

// names are what nodes are called in a group, or else in another, by their keys.
func (f Fleet) names(own string) map[string]string {
	called := make(map[string]string)
	for _, group := range []string{groups[0].name, groups[1].name, groups[2].name, own} { // what comes later counts
		hosts, _ := f.hosts(group)
		for _, host := range sorted(hosts) {
			called[keyOf(hosts[host])] = host
		}
	}
	return called
}

// keyOf is the part of an enode URL that stays when a node moves.
func keyOf(url string) string {
	key, _, _ := strings.Cut(url, "@")
	return strings.ToLower(key)
}

// nameOf is what a node's host is called, or else where it is.
func nameOf(called map[string]string, url string) string {
	if name := called[keyOf(url)]; name != "" {
		return name
	}
	n, err := overlay.ParseEnode(url)
	if err != nil {
		return "node"
	}
	if n.Hostname() != "" {
		return n.Hostname()
	}
	return n.IPAddr().String()
}

// free is a name that no host has yet: two nodes may be on one host.
func free(hosts map[string]string, name string) string {
	taken := name
	for n := 2; hosts[taken] != ""; n++ {
		taken = name + "-" + strconv.Itoa(n)
	}
	return taken
}

func sorted(hosts map[string]string) []string {
	names := make([]string, 0, len(hosts))
	for name := range hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
