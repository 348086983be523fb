// What STIG Manager's own parser finds in checklists and XCCDF results: the code that its web client runs on import.
//
//     node stigman.mjs MODULES FILE…
//
// MODULES is a node_modules directory. Prints one JSON object: by file its target, its counts by result and its
// reviews, or the error.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, resolve } from 'node:path'

const [modules, ...files] = process.argv.slice(2)
const require = createRequire(join(resolve(modules), 'anchor.js'))
const parsers = require('@nuwcdivnpt/stig-manager-client-modules')

const readers = {
  '.ckl': parsers.reviewsFromCkl,
  '.cklb': parsers.reviewsFromCklb,
  '.xml': parsers.reviewsFromXccdf
}

// Everything is imported as it stands: nothing is left out, filled in or accepted on import.
const importOptions = {
  autoStatus: 'saved',
  unreviewed: 'always',
  unreviewedCommented: 'notchecked',
  emptyDetail: 'ignore',
  emptyComment: 'ignore',
  allowCustom: true
}
const fieldSettings = { detail: { enabled: 'always', required: 'optional' }, comment: { enabled: 'always', required: 'optional' } }

function read (file) {
  const found = readers[extname(file)]({
    data: readFileSync(file, 'utf8'),
    importOptions,
    fieldSettings,
    allowAccept: false,
    scapBenchmarkMap: new Map(),
    sourceRef: file
  })
  const [checklist] = found.checklists
  return {
    target: found.target.name,
    metadata: found.target.metadata,
    benchmark: checklist.benchmarkId,
    counts: checklist.stats,
    reviews: checklist.reviews.map(({ ruleId, result, detail, comment }) => ({ ruleId, result, detail, comment }))
  }
}

const results = {}
for (const file of files) {
  try {
    results[file] = read(file)
  } catch (fault) {
    results[file] = { error: String(fault) }
  }
}
process.stdout.write(JSON.stringify(results))
