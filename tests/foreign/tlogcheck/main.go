// A foreign opinion of a published log: Go's own checksum-database code reads the checkpoint, the tiles and, of
// the log of rounds, the entries.
//
//	tlogcheck FOLDER VERIFIER-KEY [OLDER-SIZE OLDER-ROOT]
//
// Exit status 0 and a line of what it checked, or 1 and why it doesn't hold.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder reads tiles of height 8 as https://c2sp.org/tlog-tiles names them: Go's names without the height.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}

func main() {
	place := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	signed, err := os.ReadFile(filepath.Join(string(place), "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, place)
	again, err := tlog.TreeHash(size, reader)
	check(err)
	if again != root {
		check(fmt.Errorf("the tiles give another root"))
	}
	records := 0
	for index := int64(0); index < size; index++ {
		if index > 300 && index < size-300 && index%97 != 0 {
			continue
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		check(err)
		proof, err := tlog.ProveRecord(size, index, reader)
		check(err)
		check(tlog.CheckRecord(proof, size, root, index, leaf[0]))
		records++
	}
	if len(os.Args) > 4 {
		older, err := strconv.ParseInt(os.Args[3], 10, 64)
		check(err)
		decoded, err := base64.StdEncoding.DecodeString(os.Args[4])
		check(err)
		var olderRoot tlog.Hash
		copy(olderRoot[:], decoded)
		proof, err := tlog.ProveTree(size, older, reader)
		check(err)
		check(tlog.CheckTree(proof, size, root, older, olderRoot))
	}
	entries := checkEntries(string(place), size, reader)
	fmt.Printf("%s: %d entries, %d proven, %d read\n", lines[0], size, records, entries)
}

// checkEntries compares the entry bundles, where the log publishes them, with the leaves.
func checkEntries(place string, size int64, reader tlog.HashReader) int64 {
	if _, err := os.Stat(filepath.Join(place, "tile", "entries")); err != nil {
		return 0
	}
	index := int64(0)
	for index < size {
		width := int64(256)
		if size-index < width {
			width = size - index
		}
		tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: int(width)}
		name := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(place, name))
		check(err)
		for len(data) > 0 {
			length := int(data[0])<<8 | int(data[1])
			leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			check(err)
			if tlog.RecordHash(data[2:2+length]) != leaf[0] {
				check(fmt.Errorf("entry %d is not its leaf", index))
			}
			data = data[2+length:]
			index++
		}
	}
	return index
}
