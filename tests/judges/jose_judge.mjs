// The tokens before `jose`, with the JsonWebKey of the DID document: `node jose_judge.mjs FOLDER`.

import {createRequire} from 'node:module';
import {importJWK, jwtVerify} from 'jose';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const {version} = createRequire(import.meta.url)('./package-lock.json').packages['node_modules/jose'];
const name = `jose ${version}`;
const folder = process.argv[2];
const didDocument = JSON.parse(readFileSync(join(folder, 'did.json'), 'utf8'));

// The key that the header names, if the DID document has it for assertions.
async function keyOf({kid}) {
  const method = didDocument.verificationMethod.find(({id}) => id === kid);
  if(!method || !didDocument.assertionMethod.includes(kid)) {
    throw new Error(`${kid} is no key of the registry`);
  }
  return importJWK(method.publicKeyJwk, 'EdDSA');
}

async function refusal(token, currentDate = new Date()) {
  try {
    const options = {algorithms: ['EdDSA'], typ: 'vc+jwt', issuer: didDocument.id, currentDate};
    const {payload} = await jwtVerify(token, keyOf, {...options, requiredClaims: ['iat', 'exp']});
    return payload.issuer.id === didDocument.id ? null : 'another issuer';
  } catch(error) {
    return error.message;
  }
}

// Another letter of base64url; it differs in a bit that counts at the end of a part, too.
const other = letter => letter === 'A' ? 'Q' : 'A';

const faults = [];
const tokens = readdirSync(join(folder, 'credentials')).filter(file => file.endsWith('.jwt'));
let tampered = 0;
for(const file of tokens) {
  const token = readFileSync(join(folder, 'credentials', file), 'utf8');
  const why = await refusal(token);
  if(why !== null) {
    faults.push(`${file} was refused: ${why}`);
  }
  if(await refusal(token, new Date(Date.now() + 8 * 24 * 3600 * 1000)) === null) {
    faults.push(`${file} was taken a week after its end`);
  }
  for(let place = 0; place < token.length; place += 17) {
    if(token[place] === '.') {
      continue;
    }
    const changed = token.slice(0, place) + other(token[place]) + token.slice(place + 1);
    tampered += 1;
    if(await refusal(changed) === null) {
      faults.push(`${file} was taken with another letter at ${place}`);
    }
  }
}
if(tokens.length === 0) {
  throw new Error('there are no tokens: nothing to judge');
}

for(const fault of faults) {
  console.log(`  ${name}: ${fault}`);
}
console.log(faults.length > 0 ?
  `FAILED ${name}: ${faults.length} faults` :
  `passed ${name}: ${tokens.length} tokens taken and refused after their end, ${tampered} tampered ones refused`);
process.exitCode = faults.length > 0 ? 1 : 0;
