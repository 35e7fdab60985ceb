package views

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/theme"
)

// openOffer shows what a network file has, and asks whether to join.
func (w *Window) openOffer(o network.Offer, done landing) {
	show(o.Historic, w.openLook(o.Invite, func(ctx context.Context) (network.Network, error) {
		return w.opt.Services.Network.Accept(ctx, o)
	}, done))
}

// openOffers lists the networks of a file, each to be looked at before it is joined. The list closes when one was.
func (w *Window) openOffers(offers []network.Offer, done landing) {
	list := container.NewVBox()
	sheet := w.sheets.Open("Which network?", part.Column(
		part.Text(fmt.Sprintf("There are %d networks in this file. You see what is in each before you join it.", len(offers))), list), nil)
	var first *part.Button
	for _, o := range offers {
		look := part.NewButton("Look", func() {
			w.openOffer(o, func(joined network.Network, channel *chats.Chat) { sheet.Close(); done(joined, channel) })
		})
		if first == nil {
			first = look
		}
		line := nodesWords(o.Nodes)
		if o.Historic {
			line += " · historic"
		}
		list.Add(networkFact(o.Name, line, look))
	}
	w.Focus(first)
}

// networkFact is a network that could be joined: what it is called, a line about it, and a button.
func networkFact(name, line string, look *part.Button) fyne.CanvasObject {
	words := container.NewVBox(part.NewSpan(networkName(name), theme.ColorNameText, theme.TextSize).Bold(),
		part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize))
	return container.NewBorder(nil, nil, nil, container.NewCenter(look), part.Inset(theme.Near, words))
}
