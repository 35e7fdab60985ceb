package link

import (
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

// parseEthereum reads what follows "ethereum:" (EIP-681). Chain, amount and the rest are ignored, since nothing is paid
// here. A link that calls a contract is refused: its address is the contract's, and who sends money there loses it.
func parseEthereum(rest string) (Link, error) {
	to, err := split(rest)
	if err != nil {
		return Link{}, err
	}
	address, _, _ := strings.Cut(to.path[0], "@")
	address, _ = cutFold(address, "pay-")
	switch {
	case len(to.path) > 1:
		return Link{}, errContract
	case address == "":
		return Link{}, errIncomplete
	case !isWallet(address):
		return Link{}, errAddress
	}
	canonical := common.HexToAddress(address).Hex()
	if digits := address[2:]; mixedCase(digits) && digits != canonical[2:] {
		return Link{}, errAddress
	}
	return Link{Kind: KindAddress, Address: canonical}, nil
}

// isWallet tells whether a text is an address of Ethereum, with right or wrong capitals.
func isWallet(text string) bool {
	_, prefixed := cutFold(text, "0x")
	return prefixed && common.IsHexAddress(text)
}

// mixedCase tells whether digits have capitals and small letters, which makes a checksum of them (EIP-55).
func mixedCase(digits string) bool {
	return digits != strings.ToLower(digits) && digits != strings.ToUpper(digits)
}
