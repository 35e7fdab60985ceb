package services

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node"
	"sotto/services/network"
)

// Names of settings in an account's store.
const (
	settingNodeKey = "node_key"      // 32 bytes; of the node, not of the person
	settingSpent   = "traffic_today" // node.Spent as JSON
	settingReceive = "receive"       // a network.Receive; none: automatic
	settingBudget  = "daily_budget"  // bytes a day, in decimal; none: node.DailyBudget
	settingStatic  = "static_only"   // there: nothing is connected but what was named
	settingGroups  = "fleet/"        // and a network's name: the groups of its network file, JSON
)

// keptNode is what an account keeps for its node.
type keptNode struct {
	key     *ecdsa.PrivateKey
	peers   []string
	spent   node.Spent
	receive network.Receive
	budget  int64 // 0: the usual one
}

// loadNode reads what is kept, and makes the node's key the first time.
func loadNode(ctx context.Context, store *models.Store, rand io.Reader) (kept keptNode, err error) {
	err = store.Update(ctx, func(tx *models.Tx) error {
		if kept.key, err = nodeKey(tx, rand); err != nil {
			return err
		}
		if kept.spent, err = spentToday(tx); err != nil {
			return err
		}
		if kept.receive, err = receiveSetting(tx); err != nil {
			return err
		}
		if kept.budget, err = budgetSetting(tx); err != nil {
			return err
		}
		peers, err := tx.Peers()
		for _, p := range peers {
			kept.peers = append(kept.peers, p.Enode)
		}
		return err
	})
	return kept, err
}

func nodeKey(tx *models.Tx, rand io.Reader) (*ecdsa.PrivateKey, error) {
	raw, found, err := tx.Setting(settingNodeKey)
	if err != nil {
		return nil, err
	}
	if found {
		return crypto.ToECDSA(raw)
	}
	key, err := newKey(rand)
	if err != nil {
		return nil, err
	}
	return key, tx.SetSetting(settingNodeKey, crypto.FromECDSA(key))
}

// newKey draws until the number is a key, which it is but once in 2^127.
func newKey(rand io.Reader) (*ecdsa.PrivateKey, error) {
	var raw [32]byte
	for range 8 {
		if _, err := io.ReadFull(rand, raw[:]); err != nil {
			return nil, fmt.Errorf("node key: %w", err)
		}
		if key, err := crypto.ToECDSA(raw[:]); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("node key: the source of randomness is broken")
}

// spentToday is what the node cost on the day that it last ran. One that cannot be read counts as none.
func spentToday(tx *models.Tx) (spent node.Spent, err error) {
	raw, found, err := tx.Setting(settingSpent)
	if err != nil || !found || json.Unmarshal(raw, &spent) != nil {
		return node.Spent{}, err
	}
	return spent, nil
}

// receiveSetting is how much to receive. What is no setting, perhaps a newer Sotto's, counts as none.
func receiveSetting(tx *models.Tx) (network.Receive, error) {
	raw, found, err := tx.Setting(settingReceive)
	if r := network.Receive(raw); err == nil && found && r.Known() {
		return r, nil
	}
	return network.ReceiveAutomatic, err
}

// budgetSetting is what a day may cost. What is no setting counts as none.
func budgetSetting(tx *models.Tx) (int64, error) {
	raw, found, err := tx.Setting(settingBudget)
	bytes, bad := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || !found || bad != nil || bytes < network.MinBudget || bytes > network.MaxBudget {
		return 0, err
	}
	return bytes, nil
}

func saveSpent(ctx context.Context, store *models.Store, spent node.Spent) error {
	raw, err := json.Marshal(spent)
	if err != nil {
		return err
	}
	return store.Update(ctx, func(tx *models.Tx) error { return tx.SetSetting(settingSpent, raw) })
}
