package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"sotto/node/mailserver"
)

// The mailserver's names, as the dashboards of Status's nodes know them; what they did not count begins with sotto_.
var (
	descMailEnvelopes = desc("mailserver_envelopes_total", "Envelopes that came to be kept.")
	descMailAttempts  = desc("mailserver_delivery_attempts_total", "Requests that came.")
	descMailFailures  = desc("mailserver_delivery_failures_total", "Requests that were not answered.", "type")
	descMailDuration  = desc("mailserver_delivery_duration_seconds", "How long requests took that were answered.")
	descArchived      = desc("mailserver_archived_envelopes_total", "Envelopes in the archive.")

	descArchiveSize = desc("sotto_archive_bytes", "Size of the envelopes in the archive.")
	descOldest      = desc("sotto_archive_oldest_timestamp_seconds", "When the oldest envelope of the archive was sent, Unix time; 0 where there is none.")
	descKept        = desc("sotto_archive_committed_total", "Envelopes that the archive took.")
	descNotKept     = desc("sotto_archive_refused_total", "Envelopes that were not kept: the archive failed, or too many waited.")
	descPruned      = desc("sotto_archive_pruned_total", "Envelopes that went from the archive for their age or its size.")
	descMailSent    = desc("sotto_mailserver_delivered_total", "Envelopes that requests were answered with.")
	descMailWaiting = desc("sotto_mailserver_waiting", "Requests that wait for their turn.")
)

// Describe implements prometheus.Collector. It tells nothing beforehand, like nodeCollector's.
func (b *mailbox) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (b *mailbox) Collect(to chan<- prometheus.Metric) {
	if b == nil {
		return
	}
	s := b.server.Stats()
	counter(to, descMailEnvelopes, s.Envelopes)
	counter(to, descMailAttempts, s.Attempts)
	for reason, n := range s.Failures {
		counter(to, descMailFailures, n, string(reason))
	}
	collectDurations(to, s.Durations)
	counter(to, descKept, s.Kept)
	counter(to, descNotKept, s.NotKept)
	counter(to, descPruned, s.Pruned)
	counter(to, descMailSent, s.Sent)
	gauge(to, descMailWaiting, float64(s.Waiting))
	b.archive.collect(to)
}

// collectDurations turns counts between bounds into counts up to bounds, as Prometheus has them.
func collectDurations(to chan<- prometheus.Metric, d mailserver.Durations) {
	upTo := make(map[float64]uint64, len(mailserver.DurationBounds))
	var sum uint64
	for i, bound := range mailserver.DurationBounds {
		sum += d.Buckets[i]
		upTo[bound.Seconds()] = sum
	}
	to <- prometheus.MustNewConstHistogram(descMailDuration, d.Count, d.Sum.Seconds(), upTo)
}

// collect tells how much there is. An archive that does not answer leaves it out: zero would be a lie.
func (w *watchedArchive) collect(to chan<- prometheus.Metric) {
	size, err := w.size()
	if err != nil {
		return
	}
	gauge(to, descArchived, float64(size.Envelopes))
	gauge(to, descArchiveSize, float64(size.Bytes))
	gauge(to, descOldest, float64(size.Oldest))
}
