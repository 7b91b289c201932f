<#-- A button that sends its form; the first of a form is the one that Enter presses. -->
<#macro button name label primary=false focused=false>
<button type="submit" name="${name}" id="enterprise-connect-${name}" value="true"<#if focused> autofocus</#if> class="${properties.kcButtonClass!} <#if primary>${properties.kcButtonPrimaryClass!}<#else>${properties.kcButtonSecondaryClass!(properties.kcButtonDefaultClass!)}</#if> ${properties.kcButtonLargeClass!}">${msg(label)}</button>
</#macro>

<#-- The buttons of a form, side by side. -->
<#macro actions>
<form action="${url.loginAction}" method="post" class="${properties.kcFormClass!} pf-v5-u-mt-md">
  <div class="${properties.kcFormGroupClass!}">
    <div class="${properties.kcFormActionGroupClass!(properties.kcFormButtonsClass!)}">
      <#nested>
    </div>
  </div>
</form>
</#macro>

<#-- One line of a list of terms. -->
<#macro term label>
<div class="pf-v5-c-description-list__group">
  <dt class="pf-v5-c-description-list__term"><span class="pf-v5-c-description-list__text">${msg(label)}</span></dt>
  <dd class="pf-v5-c-description-list__description"><div class="pf-v5-c-description-list__text"><#nested></div></dd>
</div>
</#macro>

<#macro time at><time datetime="${at.machine}">${at.shown}</time></#macro>
