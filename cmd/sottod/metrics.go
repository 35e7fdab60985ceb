package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/node/whisper"
)

// metricsServer answers GET /metrics and GET /healthz on loopback.
type metricsServer struct {
	address string
	http    *http.Server
	done    chan struct{}
}

func serveMetrics(ctx context.Context, address string, h *health, log *slog.Logger, of ...prometheus.Collector) (*metricsServer, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(append(of, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("GET /healthz", h)
	m := &metricsServer{
		address: ln.Addr().String(), done: make(chan struct{}),
		http: &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10},
	}
	go func() {
		defer close(m.done)
		if err := m.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics ended", "err", err)
		}
	}()
	return m, nil
}

func (m *metricsServer) stop() {
	_ = m.http.Close() // nobody waits for an answer any more
	<-m.done
}

// nodeCollector reads the node's counters when somebody asks. The names are those that the dashboards of Status's nodes
// know; what they did not count begins with sotto_.
type nodeCollector struct{ node *node.Node }

var (
	descReceived  = desc("whisper_envelopes_received_total", "Envelopes that peers sent.")
	descValidated = desc("whisper_envelopes_validated_total", "Envelopes that were accepted.")
	descRejected  = desc("whisper_envelopes_rejected_total", "Envelopes and packets that were refused.", "reason")
	descCached    = desc("whisper_envelopes_cached_total", "Envelopes that were in the pool already (hit) or new to it (miss).", "cache")
	descSize      = desc("whisper_envelopes_size_bytes", "Size of accepted envelopes: number and sum.")
	descProcessed = desc("whisper_rate_limits_processed_total", "Envelopes that passed the rate limits.")
	descExceeded  = desc("whisper_rate_limits_exceeded_total", "Connections refused or ended by a rate limit.", "type")
	descPeers     = desc("p2p_peers_count", "Connected peers by who dialled.", "type")
	descAbsolute  = desc("p2p_peers_absolute", "Connected peers.")
	descMax       = desc("p2p_peers_max", "Peers that may connect.")

	descSent    = desc("sotto_envelopes_sent_total", "Envelopes written, once for each peer.")
	descCut     = desc("sotto_connections_cut_total", "Connections that this node ended.", "reason")
	descRefused = desc("sotto_connections_refused_total", "Inbound connections that became no peer.", "reason")
	descWire    = desc("sotto_wire_bytes_total", "Bytes on the wire.", "direction")
	descDials   = desc("sotto_dials_total", "Tries to reach a known node.")
	descPool    = desc("sotto_pool_envelopes", "Envelopes in the pool.")
	descPoolMem = desc("sotto_pool_bytes", "Memory of the pool.")
	descEvicted = desc("sotto_pool_evicted_total", "Envelopes pushed out of a full pool before their time.")
	descClock   = desc("sotto_clock_offset_seconds", "How far this computer's clock is behind its peers'; 0 while unknown.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector. It tells nothing beforehand: reasons come with what happens.
func (nodeCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c nodeCollector) Collect(to chan<- prometheus.Metric) {
	c.collectWhisper(to)
	c.collectOverlay(to)
}

func (c nodeCollector) collectWhisper(to chan<- prometheus.Metric) {
	s := c.node.Whisper().Stats()
	accepted := s.Useful.Envelopes + s.Unwanted.Envelopes
	received := accepted + s.Duplicate.Envelopes
	for reason, n := range s.Refused {
		received += n.Envelopes
		counter(to, descRejected, n.Envelopes, string(reason))
	}
	for reason, n := range s.Cut {
		counter(to, descCut, n, string(reason))
	}
	counter(to, descReceived, received)
	counter(to, descValidated, accepted)
	counter(to, descProcessed, accepted+s.Duplicate.Envelopes)
	counter(to, descCached, s.Duplicate.Envelopes, "hit")
	counter(to, descCached, accepted, "miss")
	counter(to, descSent, s.Sent.Envelopes)
	counter(to, descEvicted, s.Evicted.Envelopes)
	counter(to, descExceeded, s.Cut[whisper.ReasonFlood], "peer")
	to <- prometheus.MustNewConstHistogram(descSize, accepted, float64(s.Useful.Bytes+s.Unwanted.Bytes), nil)
	gauge(to, descPool, float64(s.Pool.Envelopes))
	gauge(to, descPoolMem, float64(s.Pool.Bytes))
	offset, _ := c.node.Whisper().ClockOffset()
	gauge(to, descClock, offset.Seconds())
}

func (c nodeCollector) collectOverlay(to chan<- prometheus.Metric) {
	s := c.node.Overlay()
	for reason, n := range s.Refused {
		counter(to, descRefused, n, string(reason))
	}
	counter(to, descExceeded, s.Refused[overlay.RefusedRate]+s.Refused[overlay.RefusedPending], "ip")
	counter(to, descWire, s.In, "in")
	counter(to, descWire, s.Out, "out")
	counter(to, descDials, s.Dials)
	inbound, outbound := 0, 0
	for _, p := range c.node.Status().Peers {
		if p.Inbound {
			inbound++
		} else {
			outbound++
		}
	}
	gauge(to, descPeers, float64(inbound), "inbound")
	gauge(to, descPeers, float64(outbound), "outbound")
	gauge(to, descAbsolute, float64(inbound+outbound))
	gauge(to, descMax, float64(s.MaxPeers))
}

func counter(to chan<- prometheus.Metric, d *prometheus.Desc, n uint64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}
