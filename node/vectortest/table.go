package vectortest

// Readers are the packages whose tests read a section of vectors, as folders of this module ("node/whisper").
type Readers []string

// Two readers that are no packages.
const (
	Later = "later" // a layer that this release does not have yet
	Prose = "prose" // a note for people, nothing to test
)

const (
	whisper    = "node/whisper"
	mailserver = "node/mailserver"
	secure     = "node/secure"
	datasync   = "node/datasync"
	identity   = "node/identity"
	payload    = "node/payload"
	group      = "node/payload/group"
	transit    = "node/payload/transit"
	node       = "node"
)

// Table says for every vector file and section who reads it. A file or section that is not in the table fails the test
// of package node, so that a new recording is never silently ignored.
var Table = map[string]map[string]Readers{
	"account.json": {
		"eip191_signature": {identity},
		"mnemonics":        {identity},
		"notes":            {Prose},
		"source":           {Prose},
	},
	"doubleratchet.json": {
		"notes":           {Prose},
		"primitives":      {secure},
		"skip_limit_1000": {secure},
		"source":          {Prose},
		"transcripts":     {secure},
	},
	"envelopes.json": {
		"captures":           {node},
		"filters":            {node},
		"final_secret_state": {node},
		"identities":         {node},
		"notes":              {Prose},
		"source":             {Prose},
	},
	"group.json": {
		"keys":               {group},
		"merges":             {group},
		"messages":           {payload},
		"notes":              {Prose},
		"scenarios":          {group},
		"source":             {Prose},
		"system_message_ids": {group},
	},
	"identity.json": {
		"identicons":         {identity},
		"notes":              {Prose},
		"serialization":      {identity},
		"serialization_edge": {identity},
		"source":             {Prose},
	},
	"legacy-transit.json": {
		"messages": {payload, transit},
		"notes":    {Prose},
		"source":   {Prose},
	},
	"mvds.json": {
		"group_ids":                {datasync},
		"messages":                 {datasync},
		"notes":                    {Prose},
		"payloads":                 {datasync},
		"peer_id":                  {datasync},
		"reference_behaviour_only": {datasync},
		"source":                   {Prose},
	},
	"payloads.json": {
		"messages": {payload},
		"notes":    {Prose},
		"source":   {Prose},
	},
	"secure-transport.json": {
		"bundle_advertise_message":              {secure},
		"dh_header_message":                     {secure},
		"notes":                                 {Prose},
		"public_message":                        {secure},
		"public_message_with_two_device_bundle": {secure},
		"source":                                {Prose},
		"symkeys":                               {node},
		"topics":                                {node},
		"two_device_message":                    {secure},
	},
	"whisper.json": {
		"bloom":            {whisper},
		"bloomAggregate":   {whisper},
		"devp2pHello":      {whisper},
		"envelopeDecoding": {whisper},
		"envelopes":        {whisper},
		"keys":             {whisper},
		"mailDBKeys":       {mailserver},
		"mailRequests":     {mailserver},
		"meta":             {Prose},
		"names":            {whisper},
		"negotiated":       {whisper},
		"packets":          {whisper},
		"pbkdf2":           {whisper},
		"plaintextParsing": {whisper},
		"pow":              {whisper},
		"powTargetBits":    {whisper},
		"rendezvous":       {Later},
		"status":           {whisper},
		"waku":             {Later},
	},
	"x3dh.json": {
		"bundles":        {secure},
		"leading_zero":   {secure},
		"notes":          {Prose},
		"shared_secrets": {secure},
		"source":         {Prose},
		"tampering":      {secure},
	},
}
