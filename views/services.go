package views

import (
	"context"
	"image"
	"io"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/groups"
	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/message"
	"sotto/views/onboarding"
	"sotto/views/theme"
)

// Accounts is what the window asks of the account service.
type Accounts interface {
	onboarding.Accounts
	Current() (account.Account, bool)
	Lock(ctx context.Context) error
	Remove(ctx context.Context, id, password string) error
	Rename(ctx context.Context, name string) error
	Phrase(ctx context.Context) (string, error)
	Challenge(ctx context.Context) ([3]int, error)
	ConfirmBackup(ctx context.Context, words map[int]string) error
	SetPassword(ctx context.Context, password string) error
	RemovePassword(ctx context.Context) error
	AddKeychain(ctx context.Context) error
	RemoveKeychain(ctx context.Context) error
}

// Chats is what the window asks of the chat service.
type Chats interface {
	message.Source
	JoinPublic(ctx context.Context, name string) (chats.Chat, error)
	Leave(ctx context.Context, chat string) error
	List(ctx context.Context) ([]chats.Chat, error)
	Get(ctx context.Context, id string) (chats.Chat, error)
	Send(ctx context.Context, chat, text, replyTo string) (chats.Message, error)
	MarkRead(ctx context.Context, chat string) error
	SetDraft(ctx context.Context, chat, text string) error
	Retry(ctx context.Context, id string) (chats.Message, error)
	Steps(ctx context.Context, id string) ([]chats.Step, error)
	OpenPrivate(ctx context.Context, key string) (chats.Chat, error)
	Requests(ctx context.Context) ([]chats.Chat, error)
}

// Contacts is what the window asks of the contact service.
type Contacts interface {
	List(ctx context.Context) ([]contacts.Contact, error)
	Get(ctx context.Context, key string) (contacts.Contact, error)
	Add(ctx context.Context, text string) (contacts.Contact, error)
	AddPicture(ctx context.Context, picture io.Reader) (contacts.Contact, error)
	Accept(ctx context.Context, key string) (contacts.Contact, error)
	Ignore(ctx context.Context, key string) (contacts.Contact, error)
	Block(ctx context.Context, key string) (contacts.Contact, error)
	Unblock(ctx context.Context, key string) (contacts.Contact, error)
	Remove(ctx context.Context, key string) (contacts.Contact, error)
	SetNickname(ctx context.Context, key, name string) (contacts.Contact, error)
	Link(ctx context.Context) (string, error)
	QR(ctx context.Context) (image.Image, error)
	Code(ctx context.Context, key string) (string, error)
	CodeQR(ctx context.Context, key string) (image.Image, error)
	Verify(ctx context.Context, key, code string) (contacts.Contact, error)
	Unverify(ctx context.Context, key string) (contacts.Contact, error)
}

// Groups is what the window asks about private groups. chat is a group's id, people are keys.
type Groups interface {
	Create(ctx context.Context, name string, members []string) (groups.Group, error)
	Get(ctx context.Context, chat string) (groups.Group, error)
	Members(ctx context.Context, chat string) ([]groups.Member, error)
	Invitations(ctx context.Context) ([]groups.Group, error)
	Accept(ctx context.Context, chat string) (groups.Group, error)
	Decline(ctx context.Context, chat string) (groups.Group, error)
	Leave(ctx context.Context, chat string) (groups.Group, error)
	Add(ctx context.Context, chat string, members []string, history int) (groups.Group, error)
	Remove(ctx context.Context, chat string, members []string) (groups.Group, error)
	Promote(ctx context.Context, chat string, members []string) (groups.Group, error)
	Resign(ctx context.Context, chat string) (groups.Group, error)
	Rename(ctx context.Context, chat, name string) (groups.Group, error)
	Link(ctx context.Context, chat string) (string, error)
	Ask(ctx context.Context, link, introduction string) (groups.Request, error)
	Requests(ctx context.Context) ([]groups.Request, error)
	Answer(ctx context.Context, chat, key string, let bool) error
	Delivery(ctx context.Context, message string) ([]groups.Delivery, error)
}

// Devices is what the window asks about the account's own devices.
type Devices interface {
	List(ctx context.Context) ([]devices.Device, error)
	Announce(ctx context.Context) error
	Rename(ctx context.Context, name string) error
	Enable(ctx context.Context, id string) (devices.Device, error)
	Disable(ctx context.Context, id string) (devices.Device, error)
	Trouble(ctx context.Context) []devices.Trouble
}

// Network is what the window asks of the network service.
type Network interface {
	Status(ctx context.Context) network.Status
	AddPeer(ctx context.Context, enode string) error
	RemovePeer(ctx context.Context, enode string) error
	Degraded() []network.Degraded
	Receive(ctx context.Context) (network.Receive, error)
	SetReceive(ctx context.Context, r network.Receive) error
	SetBudget(ctx context.Context, bytes int64) error
	SetStaticOnly(ctx context.Context, only bool) error
	AddMailserver(ctx context.Context, enode string) error
	Networks(ctx context.Context) ([]network.Network, error)
	Presets(ctx context.Context) []network.Network
	Join(ctx context.Context, link string) (network.Network, error)
	Create(ctx context.Context, name string) (network.Network, error)
	Switch(ctx context.Context, name string) error
	Leave(ctx context.Context, name string) error
	Invite(ctx context.Context, name string) (string, error)
	InviteQR(ctx context.Context, name string) (image.Image, error)
	Offers(ctx context.Context, file io.Reader) ([]network.Offer, error)
	Accept(ctx context.Context, o network.Offer) (network.Network, error)
	Export(ctx context.Context, name string, to io.Writer) error
}

// History is what the window asks about what waited at mailservers.
type History interface {
	Sync(ctx context.Context, chat string) (history.Progress, error)
	Progress(ctx context.Context) history.Progress
	Coverage(ctx context.Context, chat string) ([]history.Coverage, error)
	Gaps(ctx context.Context, chat string) ([]history.Gap, error)
	Servers(ctx context.Context) ([]history.Server, error)
}

// Events is where the window hears what changed.
type Events interface {
	Subscribe(size int) *event.Subscription
}

// Services are what one session offers.
type Services struct {
	Account  Accounts
	Chats    Chats
	Contacts Contacts // nil: nothing about people is offered
	Groups   Groups   // nil: no private groups are offered
	Devices  Devices  // nil: nothing is said about other devices
	Network  Network
	History  History // nil: nothing is said about what may be missing
	Events   Events
}

// Look keeps the chosen colours. SetMode applies them at once and remembers them for the next start.
type Look interface {
	Mode() theme.Mode
	SetMode(mode theme.Mode) error
}
