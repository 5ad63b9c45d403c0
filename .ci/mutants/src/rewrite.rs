//! One file with all of its mutants behind switches.
//!
//! `a + b` becomes `(if crate::__mutant(7) { (a - b) } else { a + b })`, a body begins with
//! `if crate::__mutant(8) { return Default::default(); }`, a guard or a deleted arm asks its switch in the guard.
//! The text of a mutant's own branch is the text of the source, so that nothing grows faster than the depth of nesting.

use crate::list::{Mutant, Place};
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::Visit;

/// A file as it is compiled, and where in it which mutants stand.
#[derive(Debug, Default)]
pub struct Rewritten {
    pub text: String,
    /// The branch of one mutant.
    pub branches: Vec<(Range<usize>, usize)>,
    /// The whole of what the switches of these mutants stand in.
    pub sites: Vec<(Range<usize>, Vec<usize>)>,
    /// Mutants for which no place was found.
    pub unplaced: Vec<usize>,
}

/// A place that can be changed. The order of the kinds is that of nesting where two have the same range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A function: where its body begins.
    Body(usize),
    /// An arm: where its pattern ends, and from where to where there is a guard.
    Arm(usize, Option<(usize, usize)>),
    Guard,
    /// Where the operator begins, and where the right side does.
    Binary(usize, usize),
    /// Where the operand begins.
    Unary(usize),
    /// A field beside `..rest`: its name where it is not repeated, and what it is without it.
    Field(Option<String>, String),
}

#[derive(Debug)]
struct Site {
    range: Range<usize>,
    kind: Kind,
    /// Where `cargo mutants` says that the change is.
    place: Place,
    mutants: Vec<usize>,
}

/// All places of a file, but for what the compiler evaluates itself.
struct Sites<'a> {
    source: &'a str,
    found: Vec<Site>,
}

impl Sites<'_> {
    fn add(&mut self, whole: &impl Spanned, at: proc_macro2::Span, kind: Kind) {
        let start = at.start();
        let place = Place { line: start.line, column: start.column + 1 };
        self.found.push(Site { range: whole.span().byte_range(), kind, place, mutants: Vec::new() });
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) -> bool {
        let constant = signature.constness.is_some();
        let opaque =
            matches!(&signature.output, syn::ReturnType::Type(_, kind) if matches!(**kind, syn::Type::ImplTrait(_)));
        if !constant && !opaque {
            let open = block.brace_token.span.open();
            self.add(block, open, Kind::Body(open.byte_range().end));
        }
        !constant
    }
}

impl<'ast> Visit<'ast> for Sites<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if self.function(&item.sig, &item.block) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if self.function(&item.sig, &item.block) {
            syn::visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if item.default.as_ref().is_none_or(|block| self.function(&item.sig, block)) {
            syn::visit::visit_trait_item_fn(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !holds_let(&binary.left) && !holds_let(&binary.right) {
            let operator = binary.op.span();
            let kind = Kind::Binary(operator.byte_range().start, binary.right.span().byte_range().start);
            self.add(binary, operator, kind);
        }
        syn::visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        self.add(unary, unary.op.span(), Kind::Unary(unary.expr.span().byte_range().start));
        syn::visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        if let Some(rest) = &made.rest {
            let rest = self.source.get(rest.span().byte_range()).unwrap_or_default();
            let path = self.source.get(made.path.span().byte_range()).unwrap_or_default();
            // Without a field to be put into, the type has to be named.
            let rest = if rest == "Default::default()" { format!("<{path}>::default()") } else { format!("({rest})") };
            for field in &made.fields {
                let syn::Member::Named(name) = &field.member else { continue };
                let short = field.colon_token.is_none().then(|| name.to_string());
                self.add(&field.expr, field.span(), Kind::Field(short, format!("{rest}.{name}")));
            }
        }
        syn::visit::visit_expr_struct(self, made);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if arm.attrs.is_empty() {
            let guard = arm.guard.as_ref().map(|(_, guard)| guard.span().byte_range());
            let kind = Kind::Arm(arm.pat.span().byte_range().end, guard.map(|range| (range.start, range.end)));
            self.add(arm, arm.span(), kind);
        }
        if let Some((_, guard)) = &arm.guard {
            self.add(guard, guard.span(), Kind::Guard);
        }
        syn::visit::visit_arm(self, arm);
    }
}

/// Whether an operand binds names, so that it cannot stand alone.
fn holds_let(operand: &syn::Expr) -> bool {
    match operand {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => holds_let(&binary.left) || holds_let(&binary.right),
        _ => false,
    }
}

/// The file with these of its mutants, by their numbers.
pub fn file(source: &str, mutants: &BTreeMap<usize, &Mutant>) -> Result<Rewritten, String> {
    let tree = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut sites = Sites { source, found: Vec::new() };
    sites.visit_file(&tree);
    let mut sites = sites.found;
    let mut rewritten = Rewritten::default();
    for (&number, mutant) in mutants {
        match site_of(&mut sites, mutant) {
            Some(site) => site.mutants.push(number),
            None => rewritten.unplaced.push(number),
        }
    }
    sites.retain(|site| !site.mutants.is_empty());
    sites.sort_by(|a, b| {
        (a.range.start, usize::MAX - a.range.end, &a.kind).cmp(&(b.range.start, usize::MAX - b.range.end, &b.kind))
    });
    Writer { source, mutants, sites: &sites, out: &mut rewritten }.run(0..source.len(), 0..sites.len());
    Ok(rewritten)
}

fn site_of<'a>(sites: &'a mut [Site], mutant: &Mutant) -> Option<&'a mut Site> {
    let place = mutant.span.start;
    if mutant.genre == "FnValue" {
        // The innermost body around the place.
        let inner = |site: &Site| {
            matches!(site.kind, Kind::Body(_)) && (site.place.line, site.place.column) <= (place.line, place.column)
        };
        return sites.iter_mut().filter(|site| inner(site)).max_by_key(|site| (site.place.line, site.place.column));
    }
    sites.iter_mut().find(|site| {
        site.place == place
            && match site.kind {
                Kind::Body(_) => false,
                Kind::Arm(..) => mutant.genre == "MatchArm",
                Kind::Guard => mutant.genre == "MatchArmGuard",
                Kind::Binary(..) => mutant.genre == "BinaryOperator",
                Kind::Unary(_) => mutant.genre == "UnaryOperator",
                Kind::Field(..) => mutant.genre == "StructField",
            }
    })
}

struct Writer<'a> {
    source: &'a str,
    mutants: &'a BTreeMap<usize, &'a Mutant>,
    sites: &'a [Site],
    out: &'a mut Rewritten,
}

impl Writer<'_> {
    /// Writes a range of the source with the sites of `inner` (indices into all sites) that lie in it.
    fn run(&mut self, range: Range<usize>, inner: Range<usize>) {
        let mut at = range.start;
        let mut next = inner.start;
        while next < inner.end {
            let sites = self.sites;
            let site = &sites[next];
            if site.range.start < at || site.range.end > range.end {
                next += 1; // of a part that was written before, or comes later
                continue;
            }
            let last =
                (next + 1..inner.end).find(|&i| self.sites[i].range.start >= site.range.end).unwrap_or(inner.end);
            self.copy(at..site.range.start);
            self.site(site, next + 1..last);
            at = site.range.end;
            next = last;
        }
        self.copy(at..range.end);
    }

    fn copy(&mut self, range: Range<usize>) {
        self.out.text.push_str(&self.source[range]);
    }

    fn branch(&mut self, number: usize, text: &str) {
        let start = self.out.text.len();
        self.out.text.push_str(text);
        self.out.branches.push((start..self.out.text.len(), number));
    }

    /// `if switch { changed } else if switch { changed } else { `, and the caller goes on.
    fn switches(&mut self, site: &Site, changed: impl Fn(&Mutant) -> String) {
        for &number in &site.mutants {
            self.out.text.push_str(&format!("if crate::__mutant({number}) {{ "));
            self.branch(number, &changed(self.mutants[&number]));
            self.out.text.push_str(" } else ");
        }
        self.out.text.push_str("{ ");
    }

    fn site(&mut self, site: &Site, inner: Range<usize>) {
        let start = self.out.text.len();
        let Range { start: from, end: to } = site.range;
        let source = self.source;
        match &site.kind {
            Kind::Body(begin) => {
                self.copy(from..*begin);
                for &number in &site.mutants {
                    self.out.text.push_str(&format!(" if crate::__mutant({number}) {{ return "));
                    self.branch(number, &self.mutants[&number].replacement.clone());
                    self.out.text.push_str("; } ");
                }
                self.run(*begin..to, inner);
            }
            Kind::Arm(pattern_end, guard) => {
                let switches: Vec<String> = site.mutants.iter().map(|n| format!("!crate::__mutant({n})")).collect();
                self.copy(from..*pattern_end);
                self.out.text.push_str(&format!(" if {}", switches.join(" && ")));
                let mut rest = *pattern_end;
                if let &Some((start, end)) = guard {
                    self.out.text.push_str(" && (");
                    self.run(start..end, inner.clone());
                    self.out.text.push(')');
                    rest = end;
                }
                self.run(rest..to, inner);
            }
            Kind::Guard => {
                self.out.text.push('(');
                self.switches(site, |mutant| mutant.replacement.clone());
                self.run(from..to, inner);
                self.out.text.push_str(" })");
            }
            Kind::Binary(operator, right) => {
                let (left, right) = (&source[from..*operator], &source[*right..to]);
                self.out.text.push('(');
                self.switches(site, |mutant| format!("({left} {} {right})", mutant.replacement));
                self.run(from..to, inner);
                self.out.text.push_str(" })");
            }
            Kind::Field(short, without) => {
                if let Some(name) = short {
                    self.out.text.push_str(&format!("{name}: "));
                }
                self.out.text.push('(');
                self.switches(site, |_| without.clone());
                self.run(from..to, inner);
                self.out.text.push_str(" })");
            }
            Kind::Unary(operand) => {
                let operand = &source[*operand..to];
                self.out.text.push('(');
                self.switches(site, |_| format!("({operand})"));
                self.run(from..to, inner);
                self.out.text.push_str(" })");
            }
        }
        self.out.sites.push((start..self.out.text.len(), site.mutants.clone()));
    }
}
