package onboarding

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/account"
	"sotto/views/part"
	"sotto/views/theme"
)

// accountRow is one account in the list: picture, name, ways in. It can be reached and chosen with the keyboard.
type accountRow struct {
	part.Tile
	account account.Account
}

func newAccountRow(a account.Account, tapped func()) *accountRow {
	picture := part.NewPicture(theme.AvatarList)
	picture.SetLetter(DisplayName(a), a.Colour)
	words := container.NewVBox(part.NewSpan(DisplayName(a), theme.ColorNameText, theme.TextSize).Bold(),
		part.NewSpan(ways(a.Slots), theme.ColorNameTinted, theme.SmallSize))
	left := container.New(layout.NewCustomPaddedLayout(0, 0, 0, theme.Near), picture)
	line := container.NewBorder(nil, nil, left, nil, words)
	r := &accountRow{account: a}
	r.Fill(r, theme.ColorNameRaised, part.Inset(theme.Near, line), tapped)
	return r
}

// DisplayName is what an account is called: its own name, else its pseudonym, else a word for a locked one without name.
func DisplayName(a account.Account) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Pseudonym != "":
		return a.Pseudonym
	default:
		return "Account " + a.ID[:min(4, len(a.ID))]
	}
}

func ways(s account.Slots) string {
	var names []string
	if s.Keychain {
		names = append(names, "keychain")
	}
	if s.Password {
		names = append(names, "password")
	}
	if len(names) == 0 {
		return "Opens with the recovery phrase"
	}
	return "Opens with " + strings.Join(names, " or ")
}
