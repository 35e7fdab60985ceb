package views

import (
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"sotto/services/fault"
)

var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif"}

// pickPicture asks for a picture's file.
func (w *Window) pickPicture(done func(io.ReadCloser)) {
	w.pickFile("Choose a picture", pictureEndings, done)
}

// pickNetworkFile asks for a network file, or the picture of a link.
func (w *Window) pickNetworkFile(done func(io.ReadCloser)) {
	w.pickFile("Choose a network file or a picture", append([]string{".json", ".txt", ".sotto"}, pictureEndings...), done)
}

func (w *Window) pickFile(title string, endings []string, done func(io.ReadCloser)) {
	ask := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			w.refuse("The file cannot be read", fault.Wrap(fault.StorageProblem, "Check whether you may read this file.", err))
		case file != nil:
			done(file)
		default:
			done(nil)
		}
	}, w.window)
	ask.SetFilter(storage.NewExtensionFileFilter(endings))
	ask.SetTitleText(title)
	ask.Show()
}

// saveFile asks where a file shall be; done hears of no place, too: nil.
func (w *Window) saveFile(name string, done func(io.WriteCloser)) {
	ask := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			w.refuse("The file cannot be written", fault.Wrap(fault.StorageProblem, "Choose another place.", err))
		case file != nil:
			done(file)
		default:
			done(nil)
		}
	}, w.window)
	ask.SetFileName(name)
	ask.Show()
}
