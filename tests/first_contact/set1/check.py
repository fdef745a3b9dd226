"""Checks the rows of a set: own forward passes, complex-step derivatives, random draws or the numbers of the file.
A set is a text file works.txt:  '#### slug ext', blocks '--spec', '--meta', '--setup', '--work'.  In --work a judged row ends in
    @@ verdict(codes) :: truth ;; expr ;; ... => given or repaired expr :: expected text ## also=a,b also_codes=c
NUM truth ;; ...   the segments between = signs that are arithmetic in numbers are read out of the row's text.
SEGS a | b         gives the segments by hand."""
import json, re, sys, tomllib, pathlib
import numpy as np
H = 1e-30
sig = lambda v: 1/(1+np.exp(-v))
softplus = lambda v: np.log(1+np.exp(v))
relu = lambda v: np.where(np.real(v) > 0, v, 0*v)
step = lambda v: np.where(np.real(v) > 0, 1.0, 0.0)
ident = lambda v: v
def softmax(v):
    e = np.exp(v); return e/e.sum(-1, keepdims=True)
ACT = dict(sigmoid=sig, tanh=np.tanh, relu=relu, identity=ident, softplus=softplus, softmax=softmax, sin=np.sin,
           leaky_relu=lambda v: np.where(np.real(v) > 0, v, .01*v), silu=lambda v: v*sig(v))
LOSS = dict(half_squared_error=lambda o, t: .5*(t-o)**2, squared_error=lambda o, t: (t-o)**2,
            binary_cross_entropy=lambda o, t: -(t*np.log(o)+(1-t)*np.log(1-o)), cross_entropy=lambda o, t: -t*np.log(o))
def act(n): return ACT.get(n) or (lambda x: eval(n.replace('^', '**'), dict(exp=np.exp, abs=abs, ln=np.log, sqrt=np.sqrt, tanh=np.tanh), dict(x=x)))
def loss(n): return LOSS.get(n) or (lambda o, t: eval(n.replace('^', '**'), {}, dict(o=o, t=t)))
def grad(f, v):
    v = np.asarray(v, float); g = np.zeros(v.shape)
    for i in np.ndindex(v.shape):
        c = v.astype(complex); c[i] += 1j*H; g[i] = np.imag(f(c))/H
    return g
def jac(f, v):
    v = np.asarray(v, float); return np.stack([np.imag(f((v+1j*H*np.eye(v.size)[i].reshape(v.shape))))/H for i in range(v.size)], -1)

def feed(spec, rng):
    """feedforward: W1.. b1.. x t z1.. a1.., gW1.. gb1.. dz1.. da1.. (dE/d that), E, eta"""
    n0 = spec['inputs'] if isinstance(spec['inputs'], int) else len(spec['inputs'])
    L = spec['layers']; k = len(L); num = 'weights' in L[0]; S = spec.get('samples')
    W = [None]; b = [None]; last = n0; shared = [None]
    for l in L:
        u = l['units'] if isinstance(l['units'], int) else len(l['units'])
        W.append(np.array(l['weights'], float) if num else rng.uniform(-1.2, 1.2, (u, last)))
        bb = l.get('bias', False if num else [0]*u)
        if bb is False: b.append(np.zeros(u))
        elif isinstance(bb, list): b.append(np.array(bb, float) if num else rng.uniform(-.6, .6, u)); assert len(bb) == u
        else: b.append(np.full(u, bb, float) if num else np.full(u, rng.uniform(-.6, .6)))
        shared.append(bb is not False and not isinstance(bb, list)); assert W[-1].shape == (u, last), (W[-1].shape, u, last)
        last = u
    m = spec.get('_batch', 0)
    if S and num:
        x = np.array([s['inputs'] for s in S], float); t = np.array([s['targets'] for s in S], float)
        if len(S) == 1 and not m: x, t = x[0], t[0]
    else:
        sh = (m,) if m else ()
        x = rng.uniform(.2, 1.5, sh+(n0,))*rng.choice([-1, 1], sh+(n0,)); t = rng.uniform(.1, .9, sh+(last,))
        if L[-1]['activation'] == 'softmax' or spec['loss'] == 'cross_entropy': t = t/t.sum(-1, keepdims=True)
    lam = spec.get('weight_decay', 0); ls = loss(spec['loss']); c = 1/len(x) if spec.get('reduction') == 'mean' else 1
    def run(W=W, b=b, x=x, pz={}, pa={}, reg=True):
        a = [x+pa.get(0, 0)]; z = [None]
        for i in range(1, k+1):
            z.append(a[-1] @ W[i].T + b[i] + pz.get(i, 0)); a.append(act(L[i-1]['activation'])(z[-1])+pa.get(i, 0))
        e = c*ls(a[-1], t).sum() + (lam/2*sum((w**2).sum() for w in W[1:]) if reg else 0)
        return e, z, a
    E, z, a = run(); d = dict(E=E, x=x, t=t, eta=spec.get('learning_rate', .37), lam=lam, run=run, W=W, b=b, z=z, a=a, spec=spec)
    rep = lambda V, i, q: V[:i]+[q]+V[i+1:]
    for i in range(1, k+1):
        d[f'W{i}'], d[f'b{i}'], d[f'z{i}'], d[f'a{i}'] = W[i], b[i], z[i], a[i]
        d[f'gW{i}'] = grad(lambda q: run(W=rep(W, i, q))[0], W[i]); d[f'gb{i}'] = grad(lambda q: run(b=rep(b, i, q))[0], b[i])
        if shared[i]: d[f'B{i}'] = b[i][0]; d[f'gB{i}'] = d[f'gb{i}'].sum()
        d[f'dz{i}'] = grad(lambda q: run(pz={i: q})[0], 0*z[i]); d[f'da{i}'] = grad(lambda q: run(pa={i: q})[0], 0*a[i])
    d['dx'] = grad(lambda q: run(x=q)[0], x)
    return d

def recur(spec, rng):
    """recurrent: U (in) V (rec) c; W2 b2 (one layer after); x[1..T] y[1..T], s[t] h[t] q[t] o[t]; Et[t], total and per-step gradients"""
    r = spec['recurrent']; L = spec['layers'][0]; n0 = spec['inputs'] if isinstance(spec['inputs'], int) else len(spec['inputs'])
    u = r['units'] if isinstance(r['units'], int) else len(r['units']); o = L['units'] if isinstance(L['units'], int) else len(L['units'])
    num = 'input_weights' in r; S = spec.get('samples'); every = r.get('error', 'every') == 'every'
    if num:
        U = np.array(r['input_weights'], float); V = np.array(r['recurrent_weights'], float); W2 = np.array(L['weights'], float)
        bb = lambda q, n: np.zeros(n) if q is False or q is None else np.full(n, q, float) if not isinstance(q, list) else np.array(q, float)
        c = bb(r.get('bias'), u); b2 = bb(L.get('bias'), o); X = [None]+[np.array(v, float) for v in S[0]['inputs']]; T = len(X)-1
        Y = [None]+([np.array(v, float) for v in S[0]['targets']] if every else [None]*(T-1)+[np.array(S[0]['targets'], float)])
    else:
        T = r.get('length', 3); U = rng.uniform(-1.1, 1.1, (u, n0)); V = rng.uniform(-1.1, 1.1, (u, u)); W2 = rng.uniform(-1.1, 1.1, (o, u))
        c = np.zeros(u) if r.get('bias', 1) is False else rng.uniform(-.5, .5, u); b2 = np.zeros(o) if L.get('bias', 1) is False else rng.uniform(-.5, .5, o)
        X = [None]+[rng.uniform(-1, 1, n0) for _ in range(T)]; Y = [None]+[rng.uniform(.1, .9, o) for _ in range(T)]
        if spec['loss'] == 'cross_entropy': Y = [None]+[y/y.sum() for y in Y[1:]]
    f, g, ls = act(r['activation']), act(L['activation']), loss(spec['loss'])
    def run(U=U, V=V, W2=W2, c=c, b2=b2, ps={}, ph={}, pq={}, po={}):
        h = [np.zeros(u)]; s = [None]; q = [None]; O = [None]; e = [0]
        for k in range(1, T+1):
            s.append(U@X[k]+V@h[-1]+c+ps.get(k, 0)); h.append(f(s[-1])+ph.get(k, 0))
            q.append(W2@h[-1]+b2+pq.get(k, 0)); O.append(g(q[-1])+po.get(k, 0)); e.append(ls(O[-1], Y[k]).sum() if every or k == T else 0)
        return e, s, h, q, O
    e, s, h, q, O = run(); d = dict(U=U, V=V, W2=W2, c=c, b2=b2, X=X, Y=Y, T=T, Et=e, E=sum(e), s=s, h=h, q=q, O=O, run=run, eta=spec.get('learning_rate', .37))
    tot = lambda **k: sum(run(**k)[0])
    for n, v in dict(U=U, V=V, W2=W2, c=c, b2=b2).items():
        d['g'+n] = grad(lambda w: tot(**{n: w}), v); d['e'+n] = [None]+[grad(lambda w: run(**{n: w})[0][k]+0j, v) for k in range(1, T+1)]
    z = np.zeros(u); zo = np.zeros(o)
    d['ds'] = [None]+[grad(lambda w: tot(ps={k: w}), z) for k in range(1, T+1)]; d['dh'] = [None]+[grad(lambda w: tot(ph={k: w}), z) for k in range(1, T+1)]
    d['dq'] = [None]+[grad(lambda w: tot(pq={k: w}), zo) for k in range(1, T+1)]; d['dO'] = [None]+[grad(lambda w: tot(po={k: w}), zo) for k in range(1, T+1)]
    d['hh'] = lambda i, k: jac(lambda w: run(ph={k: w})[2][i], z)      # dh_i / dh_k, total
    d['hp'] = lambda i, n: jac(lambda w: run(**{n: w.reshape(d[n].shape)})[2][i], d[n].ravel())
    d['eh'] = lambda i, k: grad(lambda w: run(ph={k: w})[0][i]+0j, z); d['es'] = lambda i, k: grad(lambda w: run(ps={k: w})[0][i]+0j, z)
    return d

def dag(spec, rng):
    """[[units]]: v[name] out, n[name] net, p[name] parameter, gp gp[name], dn[name] dE/dnet, dv[name] dE/dout; inputs v[...]"""
    ins = spec['inputs'] if isinstance(spec['inputs'], list) else [f'i{k+1}' for k in range(spec['inputs'])]
    names = []
    for u in spec['units']: names += list(u['inputs'].values())+([u['bias']] if 'bias' in u else [])
    P = {k: float(spec['parameters'][k]) for k in dict.fromkeys(names)} if 'parameters' in spec else {k: rng.uniform(-1.2, 1.2) for k in dict.fromkeys(names)}
    S = spec.get('samples'); x0 = {k: (float(S[0]['inputs'][i]) if S else rng.uniform(.2, 1.3)) for i, k in enumerate(ins)}
    outs = spec['outputs']; t = {k: (float(S[0]['targets'][i]) if S else rng.uniform(.1, .9)) for i, k in enumerate(outs)}
    def run(P=P, pn={}, pv={}):
        v = dict(x0); n = {}
        for u in spec['units']:
            m = u['name']; n[m] = sum(P[w]*v[s] for s, w in u['inputs'].items())+(P[u['bias']] if 'bias' in u else 0)+pn.get(m, 0)
            v[m] = act(u.get('activation', 'sigmoid'))(n[m])+pv.get(m, 0)
        return sum(loss(spec['loss'])(v[k], t[k]) for k in outs), n, v
    E, n, v = run(); im = lambda q: float(np.imag(q[0])/H)
    return dict(E=E, n=n, v=v, p=P, t=t, run=run, eta=spec.get('learning_rate', .37), gp={k: im(run(P={**P, k: P[k]+1j*H})) for k in P},
                dn={k: im(run(pn={k: 1j*H})) for k in n}, dv={k: im(run(pv={k: 1j*H})) for k in n},
                nn=lambda a, b: float(np.imag(run(pn={b: 1j*H})[1][a])/H))

LIT = re.compile(r'(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?')
def norm(s, comma):
    s = re.sub(r'\\(text|mathrm|mathbf)\{[^{}]*\}', '', s)
    s = s.replace('{,}', ',' if comma else '')
    if comma: s = re.sub(r'(\d),(\d)', r'\1.\2', s)
    for a, b in (('\\left', ''), ('\\right', ''), ('\\big', ''), ('\\Big', ''), ('\\,', ' '), ('\\;', ' '), ('\\!', ''), ('\\cdot', '*'), ('\\times', '*'), ('·', '*'), ('×', '*'), ('∙', '*'),
                 ('⋅', '*'), ('−', '-'), ('–', '-'), ('²', '**2'), ('^{2}', '**2'), ('^2', '**2'), ('½', '0.5'), ('$', ''), ('&', ''), ('\\\\', ''), ('[', '('), (']', ')'), ('`', ''), ('\\tfrac', '\\frac'), ('\\dfrac', '\\frac')):
        s = s.replace(a, b)
    for _ in range(3): s = re.sub(r'\\frac\{([^{}]*)\}\{([^{}]*)\}', r'((\1)/(\2))', s)
    s = re.sub(r'e\^\{([^{}]*)\}', r'exp(\1)', s); s = re.sub(r'e\^\(([^()]*)\)', r'exp(\1)', s); s = re.sub(r'e\^(-?[\d.]+)', r'exp(\1)', s)
    s = s.replace('\\exp', 'exp').replace('\\tanh', 'tanh').replace('\\ln', 'ln').replace('\\log', 'ln').replace('{', '(').replace('}', ')').replace('\\]','').replace('\\[','')
    s = re.sub(r'\)\s*\(', ')*(', s).strip().rstrip('.,;: ').strip()
    s = re.sub(r'(\d)\s*\(', r'\1*(', s)
    return s
FN = dict(exp=np.exp, tanh=np.tanh, ln=np.log, log=np.log, max=max)
EXACT = set()
def flat(o):
    if isinstance(o, bool): return
    if isinstance(o, (int, float)): EXACT.add(abs(float(o)))
    elif isinstance(o, list): [flat(q) for q in o]
    elif isinstance(o, dict): [flat(q) for q in o.values()]
def seg(s):
    """value, tolerance from the rounding of its literals, ulp if a single literal"""
    try: v = eval(s, FN)
    except Exception: return None
    if not isinstance(v, (int, float, np.floating)): return None
    tol = 0
    for m in LIT.finditer(s):
        q = m.group(); dec = len(q.split('e')[0].split('.')[1]) if '.' in q else None
        if dec is None or float(q) in EXACT: continue
        h = .5*10.0**-dec*(10**int(q.split('e')[1]) if 'e' in q else 1)
        w = abs(eval(s[:m.start()]+f'({q}+{h})'+s[m.end():], FN)-eval(s[:m.start()]+f'({q}-{h})'+s[m.end():], FN))/2
        tol += w
    m = re.fullmatch(r'[-+]?\s*(\d+(?:\.\d+)?(?:e-?\d+)?)', s)
    ulp = None
    if m:
        q = m.group(1); dec = len(q.split('e')[0].split('.')[1]) if '.' in q else 0; ulp = 10.0**-dec*(10**int(q.split('e')[1]) if 'e' in q else 1)
    return float(v), float(tol), ulp
def judge(segs, truth):
    """every printed value a rounding of truth, or what the row's own literals give within rounding"""
    prev = None; bad = []
    for s in segs:
        v, tol, ulp = seg(s); eps = 1e-9*max(1, abs(truth))
        near = abs(v-truth) <= (ulp*1.0001 if ulp else 1.05*tol)+eps
        own = ulp and prev and prev[2] and abs(v-prev[0]) <= prev[1]+.5001*ulp+eps
        ok = bool(near or own); bad += [] if ok else [(s, v, truth)]
        prev = (v, tol, ok)
    return bad

def split_row(line):
    txt, ann = line.split(' @@ ', 1); d = dict(also=[], also_codes=[])
    if ' ## ' in ann:
        ann, o = ann.split(' ## ')
        for k in o.split(): a, b = k.split('='); d[a] = b.split(',')
    part = [p.strip() for p in ann.split(' :: ')]
    m = re.fullmatch(r'(\w+)(?:\(([^)]*)\))?', part[0]); v = {'ok': 'correct'}.get(m[1], m[1]); codes = (m[2] or '').split(',')
    d.update(verdict=v, code=codes[0].strip() or None); d['also_codes'] += [c.strip() for c in codes[1:]]
    ex = part[1] if len(part) > 1 else ''; d['given'] = None
    if ' => ' in ex: ex, d['given'] = ex.split(' => ')
    d['ex'] = [e.strip() for e in ex.split(' ;; ') if e.strip()]; d['expected'] = part[2] if len(part) > 2 else None
    return txt.rstrip(), d

def ev(e, ns):
    try: return eval(e, ns)
    except ValueError: return None      # shapes that do not fit: never equal

def same(a, b, tol=1e-7):
    if b is None: return False
    a, b = np.squeeze(np.asarray(a)), np.squeeze(np.asarray(b))
    if a.shape != b.shape: return False
    return bool(np.all(np.abs(a-b) <= tol*(1+np.abs(a))))

def main(folder, only=None):
    folder = pathlib.Path(folder); src = (folder/'works.txt').read_text(); tot = {}; rows = nwrong = 0; problems = 0
    for block in re.split(r'^#### ', src, flags=re.M)[1:]:
        head, rest = block.split('\n', 1); slug, ext = head.split()
        if only and only not in slug: continue
        parts = re.split(r'^--(spec|meta|setup|work)\n', rest, flags=re.M); P = dict(zip(parts[1::2], parts[2::2]))
        spec = tomllib.loads(P['spec']); meta = tomllib.loads(P['meta'])
        sp2 = dict(spec, _batch=meta.get('batch', 0)); kind = recur if 'recurrent' in spec else dag if 'units' in spec else feed
        draws = []; EXACT.clear(); EXACT.add(.5); flat(spec)
        numeric = 'samples' in spec
        for k in range(1 if numeric and not meta.get('draws') else 6):
            rng = np.random.default_rng(100+k); ns = dict(np=np, rng=rng, sig=sig, softplus=softplus, relu=relu, step=step, softmax=softmax, grad=grad, jac=jac, sum=sum,
                      log=np.log, exp=np.exp, tanh=np.tanh, outer=np.outer, diag=np.diag, array=np.array, act=act, loss=loss, ones=np.ones)
            ns.update(kind(sp2, rng)); exec(P.get('setup', ''), ns); draws.append(ns)
        out = []; lines = []
        for i, raw in enumerate(P['work'].rstrip('\n').split('\n'), 1):
            if ' @@ ' not in raw: out.append(raw); continue
            txt, d = split_row(raw); out.append(txt); v = d['verdict']; rows += 1; where = f'{slug}:{i}'
            tot[v] = tot.get(v, 0)+1; nwrong += v == 'wrong'
            say = lambda *a: print(where, *a)
            if not d['ex']: say('!! no check:', txt) if v not in ('undecidable',) else 0; problems += v != 'undecidable'
            elif d['ex'][0].startswith('NUM '):
                ns = draws[0]; truth = float(np.real(np.asarray(eval(d['ex'][0][4:], ns)).ravel()[0]))
                ex = [e for e in d['ex'][1:] if not e.startswith('SEGS ')]; hand = [e[5:] for e in d['ex'] if e.startswith('SEGS ')]
                if hand: segs = [s.strip() for s in hand[0].split('|')]; skipped = []
                else:
                    cand = [norm(s, meta.get('comma', False)) for s in re.split(r'=|\\approx|≈|->|→|\\simeq|\\to\b', txt)]
                    segs = [s for s in cand if seg(s)]; skipped = [s for s in cand if not seg(s)]
                assert segs, (where, 'no numbers', cand)
                if len(skipped) > 1+len(ex): say('   skipped', skipped)
                bad = judge(segs, truth); badex = [e for e in ex if not same(truth, eval(e, ns))]
                if v == 'correct' and (bad or badex): say('!! should be right', bad, badex); problems += 1
                if v == 'wrong' and not (bad or badex): say('!! is right'); problems += 1
                if v == 'wrong' and d['given']:
                    dg = eval(d['given'], ns)
                if v == 'follows':
                    g = float(np.asarray(eval(d['given'], ns)).ravel()[0])
                    if not (bad or badex): say('!! is right in absolute terms'); problems += 1
                    if judge(segs, g): say('!! does not follow', judge(segs, g)); problems += 1
            else:
                good = [[same(eval(d['ex'][0], ns), ev(e, ns)) for e in d['ex'][1:]] for ns in draws]
                allok = all(all(g) for g in good); nbad = sum(not all(g) for g in good)
                if len(d['ex']) < 2: say('!! one expr'); problems += 1
                if v == 'correct' and not allok: say('!! should be right', good, txt); problems += 1
                if v in ('wrong', 'follows') and nbad < max(1, .5*len(draws)): say('!! not wrong', nbad, txt); problems += 1
                if v == 'wrong':
                    if not d['given']: say('!! no repair'); problems += 1
                    elif not all(same(eval(d['ex'][0], ns), eval(d['given'], ns)) for ns in draws): say('!! repair is wrong', txt); problems += 1
                if v == 'follows' and not all(any(same(ev(d['given'], ns), ev(e, ns)) for e in d['ex'][1:]) for ns in draws): say('!! does not follow', txt); problems += 1
            if v == 'wrong' and (not d['code'] or not d['expected']): say('!! wrong row without code or expected'); problems += 1
            e = dict(line=i, text=txt, verdict=v)
            for k in ('code', 'expected'):
                if d[k] and v in ('wrong', 'follows'): e[k] = d[k]
            for k in ('also', 'also_codes'):
                if d[k]: e[k] = d[k]
            e['check'] = d['ex']+(['=> '+d['given']] if d['given'] else []); lines.append(e)
        f = folder/slug; f.mkdir(exist_ok=True)
        (f/'spec.toml').write_text(P['spec'].strip()+'\n'); (f/f'work.{ext}').write_text('\n'.join(out)+'\n')
        (f/'expected.json').write_text(json.dumps(dict(model_of=meta['model_of'], errors=meta['errors'], setup_py=P.get('setup', '').strip(), lines=lines), ensure_ascii=False, indent=1)+'\n')
        print(f"{slug}: {len(lines)} rows, wrong {[l['line'] for l in lines if l['verdict']=='wrong']}, follows {[l['line'] for l in lines if l['verdict']=='follows']}")
    print(rows, 'rows', tot, 'problems', problems)
if __name__ == '__main__': main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent, sys.argv[2] if len(sys.argv) > 2 else None)
