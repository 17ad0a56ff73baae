//! Parts of the page that are rebuilt as things change, all of one type.

use std::any::Any;

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        renderer::types::{Element, Node},
        view::{Mountable, Position, PositionState},
    },
};

/// Any view.
///
/// Leptos compiles its effects for each type of view that they make; for all parts there is one copy.
/// Leptos's own `AnyView` would do that, too, but brings code for hydrating each view later, which is not
/// needed here.
pub struct Part(Box<dyn Erased>);

/// A [`Part`] that is on the page.
pub struct PartState(Box<dyn Made>);

/// Makes a part that is compared with what is shown: only what differs changes on the page.
pub fn part(view: impl RenderHtml + 'static) -> Part {
    Part(Box::new(View::<_, true>(view)))
}

/// Makes a part that replaces what is shown. A large view without comparing code is a third smaller.
pub fn new_part(view: impl RenderHtml + 'static) -> Part {
    Part(Box::new(View::<_, false>(view)))
}

struct View<V, const COMPARED: bool>(V);

trait Erased: Send {
    fn build(self: Box<Self>) -> PartState;
    fn rebuild(self: Box<Self>, state: &mut PartState);
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> PartState;
    #[cfg(feature = "ssr")]
    fn to_html(self: Box<Self>, html: &mut String, position: &mut Position);
}

impl<V: RenderHtml + 'static, const COMPARED: bool> Erased for View<V, COMPARED> {
    fn build(self: Box<Self>) -> PartState {
        PartState::of::<V>(self.0.build())
    }

    fn rebuild(self: Box<Self>, state: &mut PartState) {
        let made: &mut dyn Any = &mut *state.0;
        match made.downcast_mut::<MadeOf<V>>() {
            Some(made) if COMPARED => self.0.rebuild(&mut made.0),
            _ => state.replace(self.build()),
        }
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> PartState {
        PartState::of::<V>(self.0.hydrate::<true>(cursor, position))
    }

    #[cfg(feature = "ssr")]
    fn to_html(self: Box<Self>, html: &mut String, position: &mut Position) {
        self.0.to_html_with_buf(html, position, true, false, Vec::new());
    }
}

/// The methods of [`Mountable`] that are needed.
trait Made: Any {
    fn unmount(&mut self);
    fn mount(&mut self, parent: &Element, marker: Option<&Node>);
    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool;
}

struct MadeOf<V: Render>(V::State);

impl<V: Render + 'static> Made for MadeOf<V> {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }
}

impl PartState {
    fn of<V: Render + 'static>(state: V::State) -> Self {
        Self(Box::new(MadeOf::<V>(state)))
    }

    fn replace(&mut self, mut new: Self) {
        self.insert_before_this(&mut new);
        self.unmount();
        *self = new;
    }
}

impl Mountable for PartState {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    /// Only called for views that are given attributes from outside.
    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl Render for Part {
    type State = PartState;

    fn build(self) -> PartState {
        self.0.build()
    }

    fn rebuild(self, state: &mut PartState) {
        self.0.rebuild(state);
    }
}

impl RenderHtml for Part {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "used on the server"))]
    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _attributes: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.to_html(html, position);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> PartState {
        self.0.hydrate(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// A part is given no attributes.
impl AddAnyAttr for Part {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _attribute: A) -> Self {
        self
    }
}
