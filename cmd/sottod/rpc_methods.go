package main

import (
	"context"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/devices"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/network"
)

// maxPage is the most messages of one answer.
const maxPage = 1000

// methods is what can be called, under the names of docs/sottod.md.
var methods = map[string]method{
	"account.create":          bind(createAccount),
	"account.recover":         bind(recoverAccount, "phrase"),
	"account.list":            bind(listAccounts),
	"account.unlock":          bind(unlockAccount, "id"),
	"account.lock":            bind(lockAccount),
	"account.remove":          bind(removeAccount, "id"),
	"account.backupChallenge": bind(backupChallenge),
	"account.confirmBackup":   bind(confirmBackup, "words"),
	"network.status":          bind(networkStatus),
	"network.addPeer":         bind(addPeer, "enode"),
	"network.removePeer":      bind(removePeer, "enode"),
	"network.receive":         bind(receiveSetting),
	"network.setReceive":      bind(setReceive, "mode"),
	"network.setBudget":       bind(setBudget, "bytes"),
	"network.setStaticOnly":   bind(setStaticOnly, "only"),
	"network.join":            bind(joinNetwork, "link"),
	"network.create":          bind(createNetwork, "name"),
	"network.switch":          bind(switchNetwork, "name"),
	"network.leave":           bind(leaveNetwork, "name"),
	"network.list":            bind(listNetworks),
	"network.invite":          bind(inviteToNetwork),
	"network.addMailserver":   bind(addMailserver, "enode"),
	"chats.joinPublic":        bind(joinPublic, "name"),
	"chats.leave":             bind(leaveChat, "chat"),
	"chats.list":              bind(listChats),
	"chats.send":              bind(sendText, "chat", "text"),
	"chats.messages":          bind(listMessages, "chat"),
	"chats.markRead":          bind(markRead, "chat"),
	"chats.openPrivate":       bind(openPrivate, "key"),
	"contacts.add":            contactCall((*contacts.Service).Add),
	"contacts.accept":         contactCall((*contacts.Service).Accept),
	"contacts.ignore":         contactCall((*contacts.Service).Ignore),
	"contacts.block":          contactCall((*contacts.Service).Block),
	"contacts.unblock":        contactCall((*contacts.Service).Unblock),
	"contacts.remove":         contactCall((*contacts.Service).Remove),
	"contacts.list":           bind(listContacts),
	"contacts.link":           bind(contactLink),
	"contacts.nickname":       bind(setNickname, "key", "name"),
	"contacts.code":           bind(contactCode, "key"),
	"contacts.verify":         bind(verifyContact, "key", "code"),
	"messages.retry":          bind(retryMessage, "id"),
	"groups.create":           bind(createGroup, "name", "members"),
	"groups.accept":           groupCall((*groups.Service).Accept),
	"groups.decline":          groupCall((*groups.Service).Decline),
	"groups.leave":            groupCall((*groups.Service).Leave),
	"groups.add":              membersCall(addMembers),
	"groups.remove":           membersCall(removeMembers),
	"groups.promote":          membersCall(promoteMembers),
	"groups.resign":           groupCall((*groups.Service).Resign),
	"groups.rename":           bind(renameGroup, "chat", "name"),
	"groups.members":          bind(groupMembers, "chat"),
	"groups.delivery":         bind(groupDelivery, "id"),
	"groups.invitations":      bind(groupInvitations),
	"groups.link":             bind(groupLink, "chat"),
	"groups.ask":              bind(askGroup, "link"),
	"groups.requests":         bind(groupRequests),
	"groups.answer":           bind(answerRequest, "chat", "key", "let"),
	"devices.list":            bind(listDevices),
	"devices.announce":        bind(announceDevice),
	"devices.enable":          deviceCall((*devices.Service).Enable),
	"devices.disable":         deviceCall((*devices.Service).Disable),
	"devices.rename":          bind(renameDevice, "name"),
	"devices.trouble":         bind(deviceTrouble),
	"history.sync":            waiting(bind(syncHistory)),
	"history.coverage":        bind(historyCoverage),
	"history.gaps":            bind(historyGaps),
	"history.servers":         bind(historyServers),
}

type none struct{}

type newAccountParams struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Keychain bool   `json:"keychain"`
}

func (p newAccountParams) options() account.Options {
	return account.Options{Name: p.Name, Password: p.Password, Keychain: p.Keychain}
}

func createAccount(ctx context.Context, s *server, p newAccountParams) (any, error) {
	made, err := s.Account.Create(ctx, p.options())
	return createdObject{accountObject: objectOfAccount(made.Account), Phrase: made.Phrase}, err
}

type recoverParams struct {
	Phrase string `json:"phrase"`
	newAccountParams
}

func recoverAccount(ctx context.Context, s *server, p recoverParams) (any, error) {
	a, err := s.Account.Recover(ctx, p.Phrase, p.options())
	return objectOfAccount(a), err
}

func listAccounts(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Account.List(ctx)
	objects := make([]accountObject, 0, len(list))
	for _, a := range list {
		objects = append(objects, objectOfAccount(a))
	}
	return objects, err
}

type unlockParams struct {
	ID       string `json:"id"`
	Password string `json:"password"`
	Phrase   string `json:"phrase"`
}

func unlockAccount(ctx context.Context, s *server, p unlockParams) (any, error) {
	a, err := s.Account.Unlock(ctx, p.ID, account.Credential{Password: p.Password, Phrase: p.Phrase})
	return objectOfAccount(a), err
}

func lockAccount(ctx context.Context, s *server, _ none) (any, error) {
	return true, s.Account.Lock(ctx)
}

type removeParams struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

func removeAccount(ctx context.Context, s *server, p removeParams) (any, error) {
	return true, s.Account.Remove(ctx, p.ID, p.Password)
}

func backupChallenge(ctx context.Context, s *server, _ none) (any, error) {
	positions, err := s.Account.Challenge(ctx)
	return challengeObject{positions}, err
}

type wordsParams struct {
	Words map[int]string `json:"words"` // by position
}

func confirmBackup(ctx context.Context, s *server, p wordsParams) (any, error) {
	if err := s.Account.ConfirmBackup(ctx, p.Words); err != nil {
		return nil, err
	}
	a, open := s.Account.Current()
	if !open { // locked by another connection meanwhile
		return nil, locked()
	}
	return objectOfAccount(a), nil
}

func locked() error { return fault.New(fault.Locked, "No account is open. Unlock one first.") }

func networkStatus(ctx context.Context, s *server, _ none) (any, error) {
	if _, open := s.Account.Current(); !open {
		return nil, locked()
	}
	return s.objectOfStatus(ctx), nil
}

type peerParams struct {
	Enode string `json:"enode"`
}

func addPeer(ctx context.Context, s *server, p peerParams) (any, error) {
	return true, s.Network.AddPeer(ctx, p.Enode)
}

func removePeer(ctx context.Context, s *server, p peerParams) (any, error) {
	return true, s.Network.RemovePeer(ctx, p.Enode)
}

func receiveSetting(ctx context.Context, s *server, _ none) (any, error) {
	return s.Network.Receive(ctx)
}

type receiveParams struct {
	Mode network.Receive `json:"mode"`
}

func setReceive(ctx context.Context, s *server, p receiveParams) (any, error) {
	return true, s.Network.SetReceive(ctx, p.Mode)
}

type nameParams struct {
	Name string `json:"name"`
}

func joinPublic(ctx context.Context, s *server, p nameParams) (any, error) {
	chat, err := s.Chats.JoinPublic(ctx, p.Name)
	if err != nil {
		return nil, err
	}
	return s.objectOfChat(ctx, chat)
}

type chatParams struct {
	Chat string `json:"chat"`
}

func leaveChat(ctx context.Context, s *server, p chatParams) (any, error) {
	return true, s.Chats.Leave(ctx, p.Chat)
}

func markRead(ctx context.Context, s *server, p chatParams) (any, error) {
	return true, s.Chats.MarkRead(ctx, p.Chat)
}

func listChats(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Chats.List(ctx)
	if err != nil {
		return nil, err
	}
	objects := make([]chatObject, 0, len(list))
	for _, c := range list {
		o, err := s.objectOfChat(ctx, c)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

type sendParams struct {
	Chat    string `json:"chat"`
	Text    string `json:"text"`
	ReplyTo string `json:"replyTo"`
}

func sendText(ctx context.Context, s *server, p sendParams) (any, error) {
	m, err := s.Chats.Send(ctx, p.Chat, p.Text, p.ReplyTo)
	if err != nil {
		return nil, err
	}
	return s.objectOfMessage(ctx, m)
}

type pageParams struct {
	Chat   string        `json:"chat"`
	Before *cursorParams `json:"before"`
	Limit  *int          `json:"limit"`
}

type cursorParams struct {
	Clock uint64 `json:"clock"`
	ID    string `json:"id"`
}

// page takes a limit over the most as the most.
func (p pageParams) page() (chats.Page, error) {
	var page chats.Page
	if p.Limit != nil {
		if *p.Limit < 1 {
			return page, badParams("The parameter limit is a number from 1 to %d.", maxPage)
		}
		page.Limit = min(*p.Limit, maxPage)
	}
	if p.Before != nil {
		page.Before = &chats.Cursor{Clock: p.Before.Clock, ID: p.Before.ID}
	}
	return page, nil
}

func listMessages(ctx context.Context, s *server, p pageParams) (any, error) {
	page, err := p.page()
	if err != nil {
		return nil, err
	}
	list, err := s.Chats.Messages(ctx, p.Chat, page)
	if err != nil {
		return nil, err
	}
	objects := make([]*messageObject, 0, len(list))
	for _, m := range list {
		o, err := s.objectOfMessage(ctx, m)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}
