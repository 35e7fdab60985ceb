// Package hostnet is a small internet on one computer, for tests: hosts in network namespaces of their own, with addresses that
// look public, and a router between them that can delay, cut, and translate addresses. Nothing leaves the computer: the only
// way out of a host is the router, and the router knows no others.
//
// It needs Linux, /dev/net/tun, and the right to make network namespaces (root). The kernel does nothing but give each host a
// point-to-point device; packets are carried between them by this package, so that no module for filters or queues is needed.
package hostnet
