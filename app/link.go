package app

import (
	"net/url"

	"fyne.io/fyne/v2"
)

// openURL opens a link outside. Only the schemes that messages may link to are let through, whoever asks.
func openURL(a fyne.App) func(*url.URL) {
	return func(link *url.URL) {
		switch link.Scheme {
		case "http", "https", "mailto":
			if err := a.OpenURL(link); err != nil {
				fyne.LogError("a link could not be opened", err)
			}
		}
	}
}
